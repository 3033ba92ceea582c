import { hashOf } from '../../lib/ready-key.ts';

const fewestSlots = 16;
/** So many places are tried at most. Keys get no closer to each other than that unless somebody wants them to. */
const mostTried = 256;

/**
 * Keys and what they stand for, in the order in which they came. A key is found by its hash in one flat array of
 * numbers, two for each slot (the hash, and the entry's position from 1), open addressing, at most half of it in use:
 * what is not there is mostly known after one memory access, however large the table, where a Map of texts follows
 * several pointers from one text to the next.
 */
export class KeyIndex {
  readonly keys: string[] = [];
  readonly values: string[] = [];
  private slots = new Int32Array(2 * fewestSlots);
  /** Positions of keys that found no place: a table made of texts with one hash must not take forever. */
  private readonly crowded = new Map<string, number>();

  /** The index of a map that is complete. */
  static of(map: ReadonlyMap<string, string>): KeyIndex {
    const index = new KeyIndex();
    for (const [key, value] of map) index.add(key, value);
    return index;
  }

  /** False when the key was there before, with the value that it keeps. */
  add(key: string, value: string): boolean {
    const hash = hashOf(key);
    if (this.position(key, hash) !== 0) return false;
    this.keys.push(key);
    this.values.push(value);
    this.place(hash, this.keys.length);
    if (this.keys.length * 4 > this.slots.length) this.grow();
    return true;
  }

  /** The value of a key; `hash` is its `hashOf`. */
  find(key: string, hash: number): string | undefined {
    const position = this.position(key, hash);
    return position === 0 ? undefined : this.values[position - 1];
  }

  /** The entry's position from 1; 0 when there is none. */
  private position(key: string, hash: number): number {
    const { slots, keys } = this;
    const last = slots.length - 2;
    let at = (hash << 1) & last;
    for (let tried = 0; tried < mostTried; tried++) {
      const position = slots[at + 1] ?? 0;
      if (position === 0 || (slots[at] === hash && keys[position - 1] === key)) return position;
      at = (at + 2) & last;
    }
    return this.crowded.get(key) ?? 0;
  }

  private place(hash: number, position: number): void {
    const { slots } = this;
    const last = slots.length - 2;
    let at = (hash << 1) & last;
    for (let tried = 0; tried < mostTried; tried++) {
      if (slots[at + 1] === 0) {
        slots[at] = hash;
        slots[at + 1] = position;
        return;
      }
      at = (at + 2) & last;
    }
    this.crowded.set(this.keys[position - 1] ?? '', position);
  }

  private grow(): void {
    const before = this.slots;
    this.slots = new Int32Array(2 * before.length);
    for (let from = 0; from < before.length; from += 2) {
      const position = before[from + 1] ?? 0;
      if (position !== 0) this.place(before[from] ?? 0, position);
    }
    const waiting = [...this.crowded];
    this.crowded.clear();
    for (const [key, position] of waiting) this.place(hashOf(key), position);
  }
}
