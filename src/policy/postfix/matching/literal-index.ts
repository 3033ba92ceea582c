import { Endings, endingOf } from '../../../lib/ending.ts';
import { type Address, maskIpv6, parseAddress } from '../../../lib/ip.ts';
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
  /** Those of the texts that are an address as the server writes it. */
  private readonly addresses = new Map<string, number>();
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
      if (parseAddress(text)?.text === text) noteFirst(this.addresses, text, position);
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

  /** The literal that is this text; `ending` is its `endingOf`. */
  string(folded: string, ending = endingOf(folded)): number {
    return this.endings.has(ending) ? (this.texts.get(folded) ?? nowhere) : nowhere;
  }

  /** The literal that is this name or stands for a domain above it. */
  domain(folded: string, ending = endingOf(folded)): number {
    if (!this.endings.hasLast(ending)) return nowhere;
    let first = this.string(folded, ending);
    const { length } = folded;
    for (let at = this.parentsMatch ? 0 : 1; at < length; at++) {
      if (folded.charCodeAt(at) !== 46) continue;
      const start = this.parentsMatch ? at + 1 : at;
      const parent = (ending & ~31) | ((length - start) & 31);
      if (start === length || !this.endings.has(parent)) continue;
      const position = this.string(folded.slice(start), parent);
      if (position < first) first = position;
    }
    return first;
  }

  /** The literal that is this address, with or without brackets, or a network that holds it. */
  address(folded: string, parsed: Address | undefined): number {
    const first = Math.min(this.string(folded), this.inBrackets(folded));
    if (parsed === undefined) return first;
    return Math.min(first, parsed.family === 4 ? this.network4(parsed.key | 0) : this.network6(parsed.key));
  }

  /** The same for the canonical text of an address that was parsed; `v4` is a signed number, undefined for IPv6. */
  canonical(address: string, v4: number | undefined, parsed: Address | undefined): number {
    const text = this.addresses.size > 0 ? (this.addresses.get(address) ?? nowhere) : nowhere;
    const first = Math.min(text, this.inBrackets(address));
    if (v4 !== undefined) return Math.min(first, this.network4(v4));
    return parsed?.family === 6 ? Math.min(first, this.network6(parsed.key)) : first;
  }

  private inBrackets(address: string): number {
    return this.bracketed.size > 0 ? (this.bracketed.get(address) ?? nowhere) : nowhere;
  }

  private network4(key: number): number {
    let first = nowhere;
    for (const { length, positions } of this.v4) {
      const position = positions.get(length === 0 ? 0 : key & (0xffffffff << (32 - length)));
      if (position !== undefined && position < first) first = position;
    }
    return first;
  }

  private network6(key: string): number {
    let first = nowhere;
    for (const { length, positions } of this.v6) {
      const position = positions.get(maskIpv6(key, length));
      if (position !== undefined && position < first) first = position;
    }
    return first;
  }

  /** The first literal that an address of this kind makes the list fail on, should evaluation get there. */
  broken(address: string): number {
    return this.brokenV4 === this.brokenV6 ? this.brokenV4 : address.includes(':') ? this.brokenV6 : this.brokenV4;
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
