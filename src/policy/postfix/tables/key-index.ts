import { hashOf } from '../../../lib/ready-key.ts';

const fewestSlots = 16;
/** So many places are tried at most. Keys get no closer to each other than that unless somebody wants them to. */
const mostTried = 256;

/**
 * Keys and what they stand for, in the order in which they came. A key is found by its hash in one flat array of
 * numbers, open addressing, at most half of it in use: what is not there is mostly known after one memory access,
 * however large the table, where a Map of texts follows several pointers from one text to the next.
 *
 * A slot holds the entry's position (from 1; 0: it is free) in as many low bits as count the slots, and of the hash all
 * bits above, for those below are where the search starts. That is four bytes a slot: a million entries need 8 MB.
 */
export class KeyIndex {
  readonly keys: string[] = [];
  readonly values: string[] = [];
  /** One of the values is empty. */
  hasEmpty = false;
  private slots = new Int32Array(fewestSlots);
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
    if (value === '') this.hasEmpty = true;
    this.place(hash, this.keys.length);
    if (this.keys.length * 2 > this.slots.length) this.grow();
    return true;
  }

  /** The value of a key; `hash` is its `hashOf`. */
  find(key: string, hash: number): string | undefined {
    const position = this.position(key, hash);
    return position === 0 ? undefined : this.values[position - 1];
  }

  has(key: string, hash: number): boolean {
    return this.position(key, hash) !== 0;
  }

  /** False where no key has this hash; true where one has, or might have. */
  mayHave(hash: number): boolean {
    const { slots } = this;
    const last = slots.length - 1;
    let at = hash & last;
    for (let tried = 0; tried < mostTried; tried++) {
      const slot = slots[at] ?? 0;
      if (slot === 0) return false;
      if (((slot ^ hash) & ~last) === 0) return true;
      at = (at + 1) & last;
    }
    return true;
  }

  /** The entry's position from 1; 0 when there is none. */
  private position(key: string, hash: number): number {
    const { slots, keys } = this;
    const last = slots.length - 1;
    let at = hash & last;
    for (let tried = 0; tried < mostTried; tried++) {
      const slot = slots[at] ?? 0;
      const position = slot & last;
      // Above the position stands zero where both hashes agree.
      if (position === 0 || (((slot ^ hash) & ~last) === 0 && keys[position - 1] === key)) return position;
      at = (at + 1) & last;
    }
    return this.crowded.get(key) ?? 0;
  }

  private place(hash: number, position: number): void {
    const { slots } = this;
    const last = slots.length - 1;
    let at = hash & last;
    for (let tried = 0; tried < mostTried; tried++) {
      if (slots[at] === 0) {
        slots[at] = (hash & ~last) | position;
        return;
      }
      at = (at + 1) & last;
    }
    this.crowded.set(this.keys[position - 1] ?? '', position);
  }

  private grow(): void {
    this.slots = new Int32Array(2 * this.slots.length);
    this.crowded.clear();
    for (let i = 0; i < this.keys.length; i++) this.place(hashOf(this.keys[i] ?? ''), i + 1);
  }
}
