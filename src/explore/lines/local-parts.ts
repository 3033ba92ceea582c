import type { Region } from '../region.ts';

/** How local parts are split. */
interface Extensions {
  base(local: string): string | undefined;
  readonly extension: string;
}

/**
 * Local parts of one domain: any other, then each that a key names; where the server splits extensions off, each is
 * followed by itself with an extension that nothing names.
 */
export class LocalParts {
  readonly size: number;
  private readonly names: readonly string[];
  private readonly index: ReadonlyMap<string, number>;
  private readonly extensions: Extensions;
  private readonly each: number;
  private readonly other: string;

  constructor(names: ReadonlySet<string>, extensions: Extensions) {
    this.names = [...names].sort();
    this.extensions = extensions;
    this.each = extensions.extension === '' ? 1 : 2;
    this.index = new Map(this.names.map((name, i) => [name, 1 + i * this.each]));
    this.size = 1 + this.names.length * this.each;
    let other = 'user';
    while (names.has(other)) other = other === 'user' ? 'someone' : `${other}x`;
    this.other = other;
  }

  locate(local: string): number {
    const own = this.index.get(local);
    if (own !== undefined) return own;
    const base = this.each === 1 ? undefined : this.extensions.base(local);
    const known = base === undefined ? undefined : this.index.get(base);
    return known === undefined ? 0 : known + 1;
  }

  value(atom: number): string {
    if (atom === 0) return this.other;
    const name = this.names[Math.floor((atom - 1) / this.each)] ?? '';
    return (atom - 1) % this.each === 0 ? name : `${name}${this.extensions.extension}`;
  }

  /** The atoms of a local part, with and without an extension. */
  span(local: string): readonly [number, number] | undefined {
    const own = this.index.get(local);
    return own === undefined ? undefined : [own, own + this.each];
  }

  words(region: Region): readonly string[] {
    const words: string[] = [];
    for (let i = 0; i < region.length; i += 2) {
      for (let atom = region[i] ?? 0; atom < (region[i + 1] ?? 0); atom++)
        words.push(atom === 0 ? 'any other' : this.value(atom));
    }
    return words;
  }
}
