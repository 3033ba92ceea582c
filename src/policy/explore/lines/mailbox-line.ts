import type { Cut } from '../../postfix/cut.ts';
import { validAddressLiteral } from '../../smtpd/questions/own-address.ts';
import { holds, intersection, type Region } from '../region.ts';
import { boundsOf, type Line } from './line.ts';
import { LocalParts } from './local-parts.ts';
import { mailboxWords } from './mailbox-words.ts';
import { domainOfKey, isOrdinaryName, NameTree } from './name-tree.ts';

/** What a line of mail addresses depends on beside its cuts. */
export interface MailboxSettings {
  /** What unnamed domains begin with. */
  readonly label: string;
  /** Domains in which a bare local part is a key: the server's own (mydestination, myorigin). */
  readonly homes: ReadonlySet<string>;
  /** Whether a domain is one of them that no key names. */
  isHome(domain: string): boolean;
  /** What is put behind an address without a domain. */
  readonly origins: readonly string[];
  /** What is put behind a domain of one label. */
  readonly parents: readonly string[];
  /** A local part without its extension, where the server would split it. */
  base(local: string): string | undefined;
  /** What an extension looks like, e.g. `+ext`; empty when there are none. */
  readonly extension: string;
  readonly nullSender: boolean;
}

/**
 * Mail addresses: the tree of domains, in each of its atoms the local parts that some key tells apart there. After it come
 * addresses without a domain, those at address literals, and the null sender.
 */
export class MailboxLine implements Line<string> {
  readonly size: number;
  readonly tree: NameTree;
  /** Local parts of each block; the blocks of the tree's atoms, then that without a domain, then those of literals. */
  private readonly blocks: LocalParts[] = [];
  private readonly starts: Int32Array;
  private readonly literals: readonly string[];
  private readonly settings: MailboxSettings;

  constructor(cuts: readonly Cut[], settings: MailboxSettings) {
    this.settings = settings;
    const domains = new Set(settings.homes);
    const literals = new Set<string>();
    const everywhere = new Set<string>();
    const bare = new Set<string>(['postmaster']);
    const own = new Map<string, Set<string>>();
    for (const cut of cuts) {
      for (const text of cut.keys) {
        const key = readMailboxKey(text, cut);
        if (key === undefined) continue;
        if (key.kind === 'local') (key.everywhere ? everywhere : bare).add(key.local);
        else if (key.domain.startsWith('[')) {
          if (validAddressLiteral(key.domain)) literals.add(key.domain);
        } else domains.add(key.domain);
        if (key.kind !== 'address') continue;
        const known = own.get(key.domain);
        if (known === undefined) own.set(key.domain, new Set([key.local]));
        else known.add(key.local);
      }
    }
    for (const domain of [...domains]) for (const label of this.shortOf(domain)) domains.add(label);
    this.tree = new NameTree(
      [...domains].filter((domain) => !domain.startsWith('[')),
      settings.label,
    );
    this.literals = [...literals].sort();
    const parts = (...sets: readonly Iterable<string>[]) =>
      new LocalParts(new Set(sets.flatMap((set) => [...set])), settings);
    const plain = parts(everywhere);
    const atHome = parts(everywhere, bare);
    for (let atom = 0; atom < this.tree.size; atom++) {
      const node = this.tree.nodeOf(atom);
      const full = node?.exact === true ? this.longOf(node.name) : [];
      const named = full.flatMap((name) => [...(own.get(name) ?? [])]);
      const home = full.some((name) => settings.homes.has(name)) || settings.isHome(this.tree.value(atom));
      const shared = named.length > 0 ? undefined : home ? atHome : plain;
      this.blocks.push(shared ?? parts(everywhere, home ? bare : [], named));
    }
    const origins = settings.origins.flatMap((name) => [...(own.get(name) ?? [])]);
    this.blocks.push(parts(everywhere, bare, origins));
    for (const literal of this.literals) this.blocks.push(parts(everywhere, bare, own.get(literal) ?? []));
    this.starts = new Int32Array(this.blocks.length + 1);
    for (const [i, block] of this.blocks.entries()) this.starts[i + 1] = (this.starts[i] ?? 0) + block.size;
    this.size = (this.starts.at(-1) ?? 0) + (settings.nullSender ? 1 : 0);
  }

  locate(mailbox: string): number {
    if (mailbox === '') return this.settings.nullSender ? this.size - 1 : -1;
    const text = mailbox.toLowerCase();
    const at = text.lastIndexOf('@');
    const local = at < 0 ? text : text.slice(0, at);
    if (!isOrdinaryLocal(local)) return -1;
    if (at < 0 && this.blocks[this.tree.size]?.locate(local) === 0 && !isOrdinaryName(local)) return -1;
    const block = at < 0 ? this.tree.size : this.blockOf(text.slice(at + 1));
    const parts = this.blocks[block];
    return parts === undefined ? -1 : (this.starts[block] ?? 0) + parts.locate(local);
  }

  value(atom: number): string {
    if (this.settings.nullSender && atom === this.size - 1) return '';
    const block = this.blockAt(atom);
    const local = this.blocks[block]?.value(atom - (this.starts[block] ?? 0)) ?? '';
    return block === this.tree.size ? local : `${local}@${this.domainOf(block)}`;
  }

  pick(region: Region): number {
    // Any other domain, then whatever comes first that is not of one label.
    for (const atom of [this.starts[1] ?? 0, this.starts[2] ?? 0]) if (holds(region, atom)) return atom;
    const named = intersection(region, [this.starts[2] ?? 0, this.size]);
    return named[0] ?? region[0] ?? -1;
  }

  bounds(cuts: readonly Cut[]): Int32Array {
    const starts = new Set<number>([0, this.size - 1]);
    for (let block = this.tree.size; block < this.starts.length; block++) starts.add(this.starts[block] ?? 0);
    for (const block of [1, 2, ...this.tree.singles.flatMap((exact) => [exact, exact + 1])])
      starts.add(this.starts[block] ?? 0);
    for (const cut of cuts) {
      for (const text of cut.keys) {
        const key = readMailboxKey(text, cut);
        if (key === undefined) continue;
        for (const [lo, hi] of this.spansOf(key)) {
          starts.add(lo).add(hi);
          // With an extension a local part may be another.
          if (key.kind !== 'domain') for (let atom = lo + 1; atom < hi; atom++) starts.add(atom);
        }
        if (key.kind === 'domain' && !key.alone) {
          for (const span of this.nodes(key.domain)) starts.add(this.starts[span.below] ?? 0);
        }
      }
    }
    // Without a domain a local part may be taken for a name, and is one or is not.
    const [alone, behind] = this.interval(this.tree.size, this.tree.size + 1);
    for (let atom = alone; atom <= behind; atom++) starts.add(atom);
    return boundsOf(starts, this.size);
  }

  span(text: string): readonly (readonly [number, number])[] {
    if (text === '') return this.settings.nullSender ? [[this.size - 1, this.size]] : [];
    const key = readMailboxKey(text, { keys: [] });
    return key === undefined ? [] : this.spansOf(key);
  }

  words(region: Region): string {
    return mailboxWords(this, region);
  }

  listed(region: Region): number {
    let listed = 0;
    for (let atom = 2; atom < this.tree.size; atom += 2) {
      const [lo = 0, hi = 0] = [this.starts[atom], this.starts[atom + 1]];
      if (intersection(region, [lo, hi]).length > 0) listed++;
    }
    return listed;
  }

  open(region: Region): boolean {
    return holds(region, this.starts[1] ?? 0);
  }

  /** Nobody checks what a client says. */
  anybody(region: Region): boolean {
    return region.length > 0;
  }

  /** The part of a region in one block, as local parts; undefined where there is none of it. */
  partOf(region: Region, block: number): { readonly all: boolean; readonly words: readonly string[] } | undefined {
    const lo = this.starts[block] ?? 0;
    const hi = this.starts[block + 1] ?? lo;
    const own = intersection(region, [lo, hi]);
    if (own.length === 0) return undefined;
    if (own[0] === lo && own[1] === hi) return { all: true, words: [] };
    return { all: false, words: this.blocks[block]?.words(own.map((atom) => atom - lo)) ?? [] };
  }

  /** How many blocks there are: those of the tree, then that without a domain, then literals. */
  get blockCount(): number {
    return this.blocks.length;
  }

  /** The atoms of so many blocks from one on. */
  interval(from: number, to: number): readonly [number, number] {
    return [this.starts[from] ?? 0, this.starts[to] ?? this.size];
  }

  /** The domain of a block, as it is written behind the at sign. */
  domainOf(block: number): string {
    return block < this.tree.size ? this.tree.value(block) : (this.literals[block - this.tree.size - 1] ?? '');
  }

  /** A domain right below one that is put behind single labels can be written as its first label. */
  private shortOf(domain: string): readonly string[] {
    return this.settings.parents.flatMap((parent) => {
      const label = domain.endsWith(`.${parent}`) ? domain.slice(0, -parent.length - 1) : '';
      return label === '' || label.includes('.') ? [] : [label];
    });
  }

  private longOf(name: string): readonly string[] {
    return name.includes('.') ? [name] : [name, ...this.settings.parents.map((parent) => `${name}.${parent}`)];
  }

  private nodes(domain: string) {
    return [domain, ...this.shortOf(domain)].flatMap((name) => this.tree.spanOf(name) ?? []);
  }

  private spansOf(key: MailboxKey): readonly (readonly [number, number])[] {
    const { tree, settings } = this;
    if (key.kind === 'local') {
      const spans: (readonly [number, number])[] = [];
      for (let block = 0; block < this.blocks.length; block++) spans.push(...this.localIn(block, key.local));
      return spans;
    }
    const domains = this.nodes(key.domain);
    const blocks = domains.map(({ exact }) => exact);
    if (settings.origins.includes(key.domain)) blocks.push(tree.size);
    const literal = this.literals.indexOf(key.domain);
    if (literal >= 0) blocks.push(tree.size + 1 + literal);
    if (key.kind === 'address') return blocks.flatMap((block) => this.localIn(block, key.local));
    const own = blocks.map((block) => this.interval(block, block + 1));
    return key.alone ? own : [...own, ...domains.map(({ exact, end }) => this.interval(exact, end))];
  }

  private localIn(block: number, local: string): readonly (readonly [number, number])[] {
    const span = this.blocks[block]?.span(local);
    const start = this.starts[block] ?? 0;
    return span === undefined ? [] : [[start + span[0], start + span[1]]];
  }

  private blockOf(domain: string): number {
    if (!domain.startsWith('[')) return this.tree.locate(domain);
    const literal = this.literals.indexOf(domain);
    return literal < 0 ? -1 : this.tree.size + 1 + literal;
  }

  private blockAt(atom: number): number {
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= atom) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** What a key of a table is about, among mail addresses. */
type MailboxKey =
  /** One address. */
  | { readonly kind: 'address'; readonly local: string; readonly domain: string }
  /** A local part in any domain (`user@`), or in the server's own domains (`user`). */
  | { readonly kind: 'local'; readonly local: string; readonly everywhere: boolean }
  /** A domain with what is below it (`example.org`, `.example.org`), or by itself (`@example.org`). */
  | { readonly kind: 'domain'; readonly domain: string; readonly alone: boolean };

const ordinaryLocal = /^[a-z0-9_=+][a-z0-9_=+-]*(?:\.[a-z0-9_=+-]+)*$/;

/** Whether an atom may stand for the local part: no quotes, no routing operators, lower case. */
function isOrdinaryLocal(local: string): boolean {
  return ordinaryLocal.test(local);
}

/** Reads a key; undefined for one that no ordinary address is found by. */
function readMailboxKey(text: string, { locals }: Cut): MailboxKey | undefined {
  const key = text.toLowerCase();
  const at = key.lastIndexOf('@');
  if (at < 0) {
    if (locals === true) return isOrdinaryLocal(key) ? { kind: 'local', local: key, everywhere: false } : undefined;
    const domain = key.startsWith('[') ? key : domainOfKey(key);
    return domain === undefined ? undefined : { kind: 'domain', domain, alone: key.startsWith('[') };
  }
  const local = key.slice(0, at);
  const domain = key.slice(at + 1);
  if (local === '') return isDomain(domain) ? { kind: 'domain', domain, alone: true } : undefined;
  if (!isOrdinaryLocal(local)) return undefined;
  if (domain === '') return { kind: 'local', local, everywhere: true };
  return isDomain(domain) ? { kind: 'address', local, domain } : undefined;
}

function isDomain(domain: string): boolean {
  return domain.startsWith('[') || isOrdinaryName(domain);
}
