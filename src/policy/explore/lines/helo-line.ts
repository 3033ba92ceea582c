import { parseAddress } from '../../../lib/ip.ts';
import type { Cut } from '../../postfix/cut.ts';
import { holds, intersection, type Region } from '../region.ts';
import { boundsOf, type Line } from './line.ts';
import { domainOfKey, NameTree } from './name-tree.ts';
import { nameWords } from './name-words.ts';

/** What a helo name can be beside an ordinary name, by its form alone, with an example that no key is. */
const forms = [
  { word: 'an address literal', example: '[192.0.2.1]', is: (helo: string) => helo.startsWith('[') && literal(helo) },
  { word: 'a broken address literal', example: '[192.0.2]', is: (helo: string) => helo.startsWith('[') },
  { word: 'a bare address', example: '192.0.2.1', is: (helo: string) => numeric.test(helo) && bare(helo) },
  { word: 'a bare address with letters', example: '2001:db8::1', is: bare },
  { word: 'digits that are no address', example: '192.0.2', is: (helo: string) => numeric.test(helo) },
  { word: 'no valid name', example: '-invalid-', is: (helo: string) => /^[-a-z0-9_.]*$/.test(helo) },
] as const;

const numeric = /^[\d.:]+$/;

function bare(helo: string): boolean {
  return parseAddress(helo) !== undefined;
}

function literal(helo: string): boolean {
  const inner = helo.slice(1, -1);
  if (!helo.endsWith(']')) return false;
  return inner.startsWith('ipv6:')
    ? parseAddress(inner.slice(5)) !== undefined
    : /^[\d.]+$/.test(inner) && parseAddress(inner) !== undefined;
}

/** Helo names: ordinary ones by their domains, then each key that is no name, then what is left by its form. */
export class HeloLine implements Line<string> {
  readonly size: number;
  private readonly tree: NameTree;
  private readonly points: readonly string[];
  private readonly index: ReadonlyMap<string, number>;

  constructor(keys: Iterable<string>) {
    const names: string[] = [];
    const points = new Set<string>();
    for (const key of keys) {
      const name = domainOfKey(key);
      if (name !== undefined) names.push(name);
      else if (/^[!-~]+$/.test(key) && !key.startsWith('.')) points.add(key.toLowerCase());
    }
    this.tree = new NameTree(names, 'helo');
    for (const { example } of forms) points.delete(example);
    this.points = [...points].sort();
    this.index = new Map(this.points.map((point, i) => [point, this.tree.size + i]));
    this.size = this.tree.size + this.points.length + forms.length;
  }

  locate(helo: string): number {
    const folded = helo.toLowerCase();
    const point = this.index.get(folded);
    if (point !== undefined) return point;
    const atom = this.tree.locate(folded);
    if (atom >= 0) return atom;
    // What ends in a dot, or holds what the server would replace, is not ordinary.
    const form = /\.$/.test(folded) ? -1 : forms.findIndex(({ is }) => is(folded));
    // What is no name is looked up by the domains above it all the same.
    return form < 0 || /^\d+$/.test(folded) || this.tree.isBelow(folded)
      ? -1
      : this.tree.size + this.points.length + form;
  }

  value(atom: number): string {
    if (atom < this.tree.size) return this.tree.value(atom);
    const at = atom - this.tree.size;
    return this.points[at] ?? forms[at - this.points.length]?.example ?? '';
  }

  pick(region: Region): number {
    return holds(region, 1) ? 1 : (region[0] ?? -1);
  }

  bounds(cuts: readonly Cut[]): Int32Array {
    const starts = new Set([0, 1, 2, ...this.tree.singles.flatMap((exact) => [exact, exact + 1])]);
    for (let atom = this.tree.size; atom < this.size; atom++) starts.add(atom);
    for (const { keys } of cuts) {
      for (const key of keys) {
        const name = domainOfKey(key);
        const span = name === undefined ? undefined : this.tree.spanOf(name);
        if (span !== undefined) starts.add(span.exact).add(span.below).add(span.end);
      }
    }
    return boundsOf(starts, this.size);
  }

  span(key: string): readonly (readonly [number, number])[] {
    const point = this.index.get(key.toLowerCase());
    if (point !== undefined) return [[point, point + 1]];
    const name = domainOfKey(key);
    const span = name === undefined ? undefined : this.tree.spanOf(name);
    return span === undefined ? [] : [[key.startsWith('.') ? span.below : span.exact, span.end]];
  }

  words(region: Region): string {
    const names = intersection(region, [0, this.tree.size]);
    const parts = names.length === 0 ? [] : [nameWords(this.tree, names)];
    for (let atom = this.tree.size; atom < this.size; atom++) {
      const at = atom - this.tree.size;
      if (holds(region, atom)) parts.push(this.points[at] ?? forms[at - this.points.length]?.word ?? '');
    }
    return parts.join(', or ');
  }

  listed(region: Region): number {
    let listed = 0;
    for (let atom = 2; atom < this.tree.size; atom += 2) if (holds(region, atom)) listed++;
    for (let i = 0; i < this.points.length; i++) if (holds(region, this.tree.size + i)) listed++;
    return listed;
  }

  open(region: Region): boolean {
    return holds(region, 1) || holds(region, 0);
  }

  /** Nobody checks what a client says. */
  anybody(region: Region): boolean {
    return region.length > 0;
  }
}
