import { type Address, maskIpv6 } from '../lib/ip.ts';
import type { NetworkPattern } from './address-pattern.ts';

/** A literal of a match list: its folded text, and the network it stands for or what is wrong with it as one. */
export interface Literal {
  readonly text: string;
  readonly network?: NetworkPattern | { readonly message: string };
}

/** The networks with prefixes of one length, by address. */
interface Networks<Key> {
  readonly length: number;
  readonly positions: Map<Key, number>;
}

/** No literal matches: behind every position. A small integer, as positions are. */
export const nowhere = 2 ** 30;

/**
 * Literals that stand next to each other in a match list, indexed: each method answers with the position of the first
 * one that matches, or `nowhere`. The first match decides, so the least position among those found is the answer, and
 * its cost does not grow with the number of literals.
 */
export class LiteralIndex {
  private readonly texts = new Map<string, number>();
  /** Most names are known to be absent without a search. */
  private readonly endings = new Endings();
  /** What stands between brackets: an address may be written so. */
  private readonly bracketed = new Map<string, number>();
  /** Keys are signed: those of the upper half of the addresses would be kept as boxed numbers otherwise. */
  private readonly v4: Networks<number>[] = [];
  private readonly v6: Networks<string>[] = [];
  /** First of the literals that are broken as networks, for addresses with and without a colon. */
  private brokenV4 = nowhere;
  private brokenV6 = nowhere;
  private readonly parentsMatch: boolean;

  constructor(literals: readonly Literal[], parentsMatch: boolean) {
    this.parentsMatch = parentsMatch;
    for (const [position, { text, network }] of literals.entries()) {
      noteFirst(this.texts, text, position);
      this.endings.add(text);
      if (text.startsWith('[') && text.endsWith(']')) noteFirst(this.bracketed, text.slice(1, -1), position);
      if (network !== undefined) this.addNetwork(position, text.includes(':'), network);
    }
  }

  private addNetwork(position: number, colon: boolean, network: Exclude<Literal['network'], undefined>): void {
    if ('message' in network) {
      if (colon) this.brokenV6 = Math.min(this.brokenV6, position);
      else this.brokenV4 = Math.min(this.brokenV4, position);
    } else if (network.address.family === 4) {
      note(this.v4, network.length, network.address.key | 0, position);
    } else {
      note(this.v6, network.length, network.address.key, position);
    }
  }

  /** The literal that is this text. */
  string(folded: string): number {
    return this.endings.has(folded, folded.length) ? (this.texts.get(folded) ?? nowhere) : nowhere;
  }

  /** The literal that is this name or stands for a domain above it. */
  domain(folded: string): number {
    if (!this.endings.any(folded)) return nowhere;
    let first = this.string(folded);
    const { length } = folded;
    for (let at = this.parentsMatch ? 0 : 1; at < length; at++) {
      if (folded.charCodeAt(at) !== 46) continue;
      const start = this.parentsMatch ? at + 1 : at;
      if (!this.endings.has(folded, length - start)) continue;
      const position = this.string(folded.slice(start));
      if (position < first) first = position;
    }
    return first;
  }

  /** The literal that is this address, with or without brackets, or a network that holds it. */
  address(folded: string, parsed: Address | undefined): number {
    let first = this.string(folded);
    if (this.bracketed.size > 0) first = Math.min(first, this.bracketed.get(folded) ?? nowhere);
    if (parsed === undefined) return first;
    if (parsed.family === 4) {
      for (const { length, positions } of this.v4) {
        const position = positions.get(length === 0 ? 0 : parsed.key & (0xffffffff << (32 - length)));
        if (position !== undefined && position < first) first = position;
      }
    } else {
      for (const { length, positions } of this.v6) {
        const position = positions.get(maskIpv6(parsed.key, length));
        if (position !== undefined && position < first) first = position;
      }
    }
    return first;
  }

  /** The first literal that an address of this kind makes the list fail on, should evaluation get there. */
  broken(address: string): number {
    return this.brokenV4 === this.brokenV6 ? this.brokenV4 : address.includes(':') ? this.brokenV6 : this.brokenV4;
  }
}

/** How texts end: their last characters, each with the lengths that go with it (modulo 32). */
class Endings {
  private readonly lengths = new Int32Array(128);
  private empty = false;

  add(text: string): void {
    const last = text.charCodeAt(text.length - 1) & 127;
    this.lengths[last] = (this.lengths[last] ?? 0) | (1 << (text.length & 31));
    if (text === '') this.empty = true;
  }

  /** Whether one of the texts can be the last `length` characters of this one. */
  has(text: string, length: number): boolean {
    if (length === 0) return this.empty;
    return (((this.lengths[text.charCodeAt(text.length - 1) & 127] ?? 0) >>> (length & 31)) & 1) === 1;
  }

  /** Whether one of the texts can be the end of this one. */
  any(text: string): boolean {
    return this.empty || this.lengths[text.charCodeAt(text.length - 1) & 127] !== 0;
  }
}

function noteFirst<Key>(positions: Map<Key, number>, key: Key, position: number): void {
  if (!positions.has(key)) positions.set(key, position);
}

function note<Key>(byLength: Networks<Key>[], length: number, key: Key, position: number): void {
  let networks = byLength.find((known) => known.length === length);
  if (networks === undefined) {
    networks = { length, positions: new Map() };
    byLength.push(networks);
  }
  noteFirst(networks.positions, key, position);
}
