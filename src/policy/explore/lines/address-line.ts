import { formatIpv4, formatIpv6, parseAddress } from '../../../lib/ip.ts';
import type { Cut } from '../../postfix/cut.ts';
import { difference, holds, intersection, type Region, union, whole, within } from '../region.ts';
import { type Block, blockOf, blocksOfKey } from './block.ts';
import { networksIn, someOf } from './blocks-in.ts';
import { boundsOf, type Line } from './line.ts';

/** Addresses for documentation (RFC 5737, RFC 3849): what a reader takes for "somebody". */
const examples = ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '127.0.0.1', '10.0.0.1', '192.168.0.1'];

/** Addresses in order, IPv4 before IPv6, cut at the ends of all blocks that something names. */
export class AddressLine implements Line<string> {
  readonly size: number;
  private readonly v4: readonly number[];
  private readonly v6: readonly string[];
  private readonly named: ReadonlyMap<number, number>;
  private readonly preferred: readonly number[];
  private unnamed: Region | undefined = undefined;

  constructor(keys: Iterable<string>) {
    const blocks: Block[] = [];
    for (const key of keys) {
      blocks.push(...blocksOfKey(key));
    }
    const v4 = new Set([0]);
    const v6 = new Set(['\0'.repeat(8)]);
    for (const block of blocks) {
      if (block.family === 4) v4.add(block.start).add(block.end);
      else v6.add(block.start).add(block.end);
    }
    this.v4 = [...v4].filter((start) => start < 2 ** 32).sort((a, b) => a - b);
    this.v6 = [...v6].filter((start) => start.length === 8).sort();
    this.size = this.v4.length + this.v6.length;
    // Of nested blocks the atoms belong to the narrowest; each atom that begins a block remembers how far it goes.
    const named = new Map<number, number>();
    for (const block of blocks) {
      const [lo, hi] = this.interval(block);
      named.set(lo, Math.max(named.get(lo) ?? 0, hi));
    }
    this.named = named;
    this.preferred = examples.map((text) => this.locate(text));
  }

  locate(address: string): number {
    const parsed = parseAddress(address);
    if (parsed === undefined) return -1;
    return parsed.family === 4 ? below(this.v4, parsed.key) : this.v4.length + below(this.v6, parsed.key);
  }

  value(atom: number): string {
    const example = this.preferred.indexOf(atom);
    if (example >= 0) return examples[example] ?? '';
    const start = this.v4[atom];
    if (start !== undefined) {
      const end = this.v4[atom + 1] ?? 2 ** 32;
      // The address of a whole network is nobody's: the next one is shown.
      return formatIpv4(end - start > 1 && (start & 255) === 0 ? start + 1 : start);
    }
    const at = atom - this.v4.length;
    const key = this.v6[at] ?? '';
    const next = `${key.slice(0, 7)}\u0001`;
    const roomy = key.endsWith('\0') && next < (this.v6[at + 1] ?? '\uffff'.repeat(9));
    return formatIpv6(roomy ? next : key);
  }

  pick(region: Region): number {
    // What stands alone is shown as what it is; where there is everybody, somebody of the documentation.
    for (const atom of this.preferred) if (holds(region, atom)) return atom;
    return region[0] ?? -1;
  }

  bounds(cuts: readonly Cut[]): Int32Array {
    const starts = new Set([0, this.v4.length]);
    for (const { keys } of cuts) {
      for (const key of keys) {
        for (const [lo, hi] of this.span(key)) starts.add(lo).add(hi);
      }
    }
    return boundsOf(starts, this.size);
  }

  span(key: string): readonly (readonly [number, number])[] {
    return blocksOfKey(key).flatMap((block) => (this.isCutAt(block) ? [this.interval(block)] : []));
  }

  words(region: Region): string {
    const rest = difference(whole(this.size), region);
    if (rest.length === 0) return 'any address';
    return this.open(region) ? `any address but ${this.networks(rest)}` : this.networks(region);
  }

  private networks(region: Region): string {
    return someOf(networksIn(region, (atom) => this.blockAt(atom), 1000));
  }

  listed(region: Region): number {
    let listed = 0;
    for (const [lo, hi] of this.named) if (within(region, lo, hi)) listed++;
    return listed;
  }

  open(region: Region): boolean {
    this.unnamed ??= difference(whole(this.size), union([...this.named]));
    return intersection(region, this.unnamed).length > 0;
  }

  /** A network that holds a sixteenth of all addresses, or a whole first group of IPv6, shuts nobody out for long. */
  anybody(region: Region): boolean {
    if (this.open(region)) return true;
    let v4 = 0;
    for (let i = 0; i < region.length; i += 2) {
      for (let atom = region[i] ?? 0; atom < (region[i + 1] ?? 0); atom++) {
        const block = this.blockAt(atom);
        if (block.family === 4) v4 += block.end - block.start;
        else if (block.end.charCodeAt(0) > block.start.charCodeAt(0)) return true;
      }
    }
    return v4 >= 2 ** 28;
  }

  private blockAt(atom: number): Block {
    const start = this.v4[atom];
    if (start !== undefined) return { family: 4, start, end: this.v4[atom + 1] ?? 2 ** 32 };
    const at = atom - this.v4.length;
    const all = blockOf({ family: 6, key: '\0'.repeat(8), text: '::' }, 0);
    return { family: 6, start: this.v6[at] ?? '', end: this.v6[at + 1] ?? (all.end as string) };
  }

  /** Whether the line is cut at both ends of a block. */
  private isCutAt(block: Block): boolean {
    const [lo, hi] = this.interval(block);
    if (block.family === 4) return this.v4[lo] === block.start && (this.v4[hi] ?? 2 ** 32) === block.end;
    const offset = this.v4.length;
    const ends = hi === this.size ? block.end.length > 8 : this.v6[hi - offset] === block.end;
    return this.v6[lo - offset] === block.start && ends;
  }

  private interval(block: Block): readonly [number, number] {
    if (block.family === 4) {
      return [below(this.v4, block.start), block.end === 2 ** 32 ? this.v4.length : below(this.v4, block.end)];
    }
    const offset = this.v4.length;
    const hi = block.end.length > 8 ? this.v6.length : below(this.v6, block.end);
    return [offset + below(this.v6, block.start), offset + hi];
  }
}

/** The last start that is not behind the key. */
function below<Key extends number | string>(starts: readonly Key[], key: Key): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const start = starts[middle];
    if (start !== undefined && start <= key) low = middle;
    else high = middle - 1;
  }
  return low;
}
