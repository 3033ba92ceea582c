import type { Cut } from '../../postfix/cut.ts';
import { append, holds, intersection, type Region } from '../region.ts';
import { boundsOf, type Line } from './line.ts';
import { domainOfKey, NameTree } from './name-tree.ts';
import { nameWords } from './name-words.ts';

/** What a server finds for a client's address: a verified name is the reverse name, too. */
export interface PeerName {
  readonly name: string;
  readonly reverseName: string;
}

/**
 * The names of a client, which two lookups find together: verified names, then names that do not lead back, then none.
 * Where nothing names any, three atoms are left.
 */
export class PeerNameLine implements Line<PeerName> {
  readonly size: number;
  private readonly tree: NameTree;

  constructor(keys: Iterable<string>) {
    const names: string[] = [];
    for (const key of keys) {
      const name = domainOfKey(key);
      // The word stands for a client without a name.
      if (name !== undefined && name !== 'unknown') names.push(name);
    }
    this.tree = new NameTree(names, 'client');
    this.size = 2 * this.tree.size + 1;
  }

  locate({ name, reverseName }: PeerName): number {
    if (name === 'unknown') {
      if (reverseName === 'unknown') return this.size - 1;
      const atom = this.tree.locate(reverseName.toLowerCase());
      return atom < 0 ? -1 : this.tree.size + atom;
    }
    return name.toLowerCase() === reverseName.toLowerCase() ? this.tree.locate(name.toLowerCase()) : -1;
  }

  value(atom: number): PeerName {
    if (atom === this.size - 1) return { name: 'unknown', reverseName: 'unknown' };
    const verified = atom < this.tree.size;
    const name = this.tree.value(verified ? atom : atom - this.tree.size);
    return { name: verified ? name : 'unknown', reverseName: name };
  }

  pick(region: Region): number {
    const { size } = this.tree;
    for (const atom of [this.size - 1, 1, size + 1]) if (holds(region, atom)) return atom;
    return region[0] ?? -1;
  }

  bounds(cuts: readonly Cut[]): Int32Array {
    const { size } = this.tree;
    const starts = new Set([0, 1, 2, size, size + 1, size + 2, 2 * size]);
    for (const { keys } of cuts) {
      for (const key of keys) {
        const span = this.spanOf(key);
        if (span === undefined) continue;
        for (const at of [span.exact, span.below, span.end]) starts.add(at).add(size + at);
      }
    }
    return boundsOf(starts, this.size);
  }

  span(key: string): readonly (readonly [number, number])[] {
    const span = this.spanOf(key);
    if (span === undefined) return [];
    const lo = key.startsWith('.') ? span.below : span.exact;
    return [[lo, span.end]];
  }

  words(region: Region): string {
    const { size } = this.tree;
    const parts: string[] = [];
    const part = (lo: number, hi: number): Region => {
      const shifted: number[] = [];
      const own = intersection(region, [lo, hi]);
      for (let i = 0; i < own.length; i += 2) append(shifted, (own[i] ?? 0) - lo, (own[i + 1] ?? 0) - lo);
      return shifted;
    };
    const verified = part(0, size);
    const unverified = part(size, 2 * size);
    if (verified.length > 0) parts.push(nameWords(this.tree, verified));
    if (unverified.length > 0) {
      const words = nameWords(this.tree, unverified);
      parts.push(words === 'any name' ? 'a name that does not lead back' : `${words} (not leading back)`);
    }
    if (holds(region, 2 * size)) parts.push('no name');
    return parts.join('; or ');
  }

  listed(region: Region): number {
    let listed = 0;
    for (let atom = 2; atom < this.tree.size; atom += 2) {
      if (holds(region, atom) || holds(region, this.tree.size + atom)) listed++;
    }
    return listed;
  }

  open(region: Region): boolean {
    const { size } = this.tree;
    return [1, size + 1, 2 * size].some((atom) => holds(region, atom));
  }

  /** Whoever has an address can give it any name that does not lead back; a verified one is of his own domains. */
  anybody(region: Region): boolean {
    const { size } = this.tree;
    return holds(region, 0) || holds(region, 1) || intersection(region, [size, this.size]).length > 0;
  }

  private spanOf(key: string) {
    const name = domainOfKey(key);
    return name === undefined ? undefined : this.tree.spanOf(name);
  }
}
