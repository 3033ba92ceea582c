import type { Cut } from '../../postfix/cut.ts';
import { holds, type Region } from '../region.ts';
import { someOf } from './blocks-in.ts';
import { boundsOf, type Line } from './line.ts';

/**
 * Words that are compared as a whole, such as fingerprints and logins, in `sections` rows of the same words: each row is
 * "any other", then the words that keys name. Before the rows stand `single` atoms of their own.
 */
export class TokenRows {
  readonly size: number;
  readonly row: number;
  readonly single: number;
  readonly sections: number;
  private readonly words: readonly string[];
  private readonly index: ReadonlyMap<string, number>;

  /** `words` as they are compared, each once. */
  constructor(words: Iterable<string>, single: number, sections: number) {
    this.words = [...new Set(words)].sort();
    this.index = new Map(this.words.map((word, i) => [word, i]));
    this.single = single;
    this.sections = sections;
    this.row = 1 + this.words.length;
    this.size = single + sections * this.row;
  }

  atomOf(word: string, section: number): number {
    const at = this.index.get(word);
    return this.single + section * this.row + (at === undefined ? 0 : 1 + at);
  }

  /** Undefined: any other word. */
  wordAt(atom: number): string | undefined {
    return this.words[((atom - this.single) % this.row) - 1];
  }

  sectionOf(atom: number): number {
    return Math.floor((atom - this.single) / this.row);
  }

  bounds(cuts: readonly Cut[], wordOf: (key: string) => string | undefined): Int32Array {
    const starts = new Set<number>();
    for (let atom = 0; atom < this.single; atom++) starts.add(atom);
    for (let section = 0; section < this.sections; section++) {
      const first = this.single + section * this.row;
      starts.add(first).add(first + 1);
      for (const { keys } of cuts) {
        for (const key of keys) {
          const at = this.index.get(wordOf(key) ?? '');
          if (at !== undefined) starts.add(first + 1 + at).add(first + 2 + at);
        }
      }
    }
    return boundsOf(starts, this.size);
  }

  span(word: string | undefined): readonly (readonly [number, number])[] {
    const at = this.index.get(word ?? '');
    if (at === undefined) return [];
    return Array.from({ length: this.sections }, (_, section): [number, number] => {
      const atom = this.single + section * this.row + 1 + at;
      return [atom, atom + 1];
    });
  }

  /** The words of a row that are in the region, and whether "any other" is. */
  wordsIn(region: Region, section: number): { readonly words: readonly string[]; readonly other: boolean } {
    const first = this.single + section * this.row;
    return { words: this.words.filter((_, i) => holds(region, first + 1 + i)), other: holds(region, first) };
  }

  /** `any X`, `any X but 3 listed`, `A, B and 9,998 more`. */
  describe(region: Region, section: number, noun: string): string | undefined {
    const { words, other } = this.wordsIn(region, section);
    if (words.length === 0)
      return other ? (this.words.length === 0 ? `any ${noun}` : `any ${noun} that is not listed`) : undefined;
    if (other) {
      const missing = this.words.length - words.length;
      return missing === 0 ? `any ${noun}` : `any ${noun} but ${missing} of ${this.words.length} listed`;
    }
    return `${noun} ${someOf(words, 2)}`;
  }

  listed(region: Region): number {
    let listed = 0;
    for (let i = 1; i < this.row; i++) {
      for (let section = 0; section < this.sections; section++) {
        if (!holds(region, this.single + section * this.row + i)) continue;
        listed++;
        break;
      }
    }
    return listed;
  }
}

/** What the lines of words have in common. `wordOf` is the word that a key of a table or list stands for; undefined: none. */
export abstract class TokenLine<Value> implements Line<Value> {
  readonly size: number;
  protected readonly rows: TokenRows;
  private readonly wordOf: (key: string) => string | undefined;

  constructor(rows: TokenRows, wordOf: (key: string) => string | undefined) {
    this.size = rows.size;
    this.rows = rows;
    this.wordOf = wordOf;
  }

  abstract locate(value: Value): number;
  abstract value(atom: number): Value;
  abstract words(region: Region): string;
  abstract open(region: Region): boolean;

  pick(region: Region): number {
    return region[0] ?? -1;
  }

  bounds(cuts: readonly Cut[]): Int32Array {
    return this.rows.bounds(cuts, this.wordOf);
  }

  span(key: string): readonly (readonly [number, number])[] {
    return this.rows.span(this.wordOf(key));
  }

  listed(region: Region): number {
    return this.rows.listed(region);
  }

  /** Words that no key names are anybody's. */
  anybody(region: Region): boolean {
    return this.open(region);
  }
}
