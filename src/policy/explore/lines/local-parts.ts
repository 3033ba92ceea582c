import type { Region } from '../region.ts';

/** How local parts are split. */
interface Extensions {
  base(local: string): string | undefined;
  readonly extension: string;
}

/**
 * Local parts of one domain: any other, then each that a key names; one from which the server splits extensions off is
 * followed by itself with an extension that nothing names.
 */
export class LocalParts {
  readonly size: number;
  /** What each atom shows. */
  private readonly shown: readonly string[];
  /** By name: its atom, and that behind it and its extensions. */
  private readonly spans = new Map<string, readonly [number, number]>();
  private readonly extensions: Extensions;

  constructor(names: ReadonlySet<string>, extensions: Extensions) {
    this.extensions = extensions;
    let other = 'user';
    while (names.has(other)) other = other === 'user' ? 'someone' : `${other}x`;
    const shown = [other];
    const { extension } = extensions;
    for (const name of [...names].sort()) {
      const start = shown.push(name) - 1;
      let extended = `${name}${extension}`;
      while (extension !== '' && names.has(extended)) extended += 'x';
      if (extension !== '' && extensions.base(extended) === name) shown.push(extended);
      this.spans.set(name, [start, shown.length]);
    }
    this.shown = shown;
    this.size = shown.length;
  }

  locate(local: string): number {
    const own = this.spans.get(local);
    if (own !== undefined) return own[0];
    const base = this.extensions.extension === '' ? undefined : this.extensions.base(local);
    const known = base === undefined ? undefined : this.spans.get(base);
    return known === undefined ? 0 : known[1] - 1;
  }

  value(atom: number): string {
    return this.shown[atom] ?? '';
  }

  /** The atoms of a local part, with and without an extension. */
  span(local: string): readonly [number, number] | undefined {
    return this.spans.get(local);
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
