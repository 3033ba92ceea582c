import type { Cut } from '../../postfix/cut.ts';
import { holds, type Region } from '../region.ts';
import type { Line } from './line.ts';
import { TokenRows } from './token-line.ts';

/** A SASL login; undefined: none. */
export type Login = { readonly user: string; readonly method: string } | undefined;

/** SASL logins: none, then logins by the method ANONYMOUS, which prove nothing, then all others. */
export class LoginLine implements Line<Login> {
  readonly size: number;
  private readonly rows: TokenRows;
  private readonly other: string;

  constructor(keys: Iterable<string>) {
    const words = new Set<string>();
    for (const key of keys) if (key !== '') words.add(key.toLowerCase());
    let other = 'login';
    while (words.has(other)) other += 'x';
    this.other = other;
    this.rows = new TokenRows(words, 1, 2);
    this.size = this.rows.size;
  }

  locate(login: Login): number {
    if (login === undefined) return 0;
    return this.rows.atomOf(login.user.toLowerCase(), login.method.toUpperCase() === 'ANONYMOUS' ? 0 : 1);
  }

  value(atom: number): Login {
    if (atom === 0) return undefined;
    const method = this.rows.sectionOf(atom) === 0 ? 'ANONYMOUS' : 'PLAIN';
    return { user: this.rows.wordAt(atom) ?? this.other, method };
  }

  pick(region: Region): number {
    return region[0] ?? -1;
  }

  bounds(cuts: readonly Cut[]): Int32Array {
    return this.rows.bounds(cuts, (key) => key.toLowerCase());
  }

  span(key: string): readonly (readonly [number, number])[] {
    return this.rows.span(key.toLowerCase());
  }

  words(region: Region): string {
    const parts = holds(region, 0) ? ['no login'] : [];
    const [anonymous, proved] = [0, 1].map((section) => this.rows.describe(region, section, 'login'));
    if (proved !== undefined) parts.push(proved);
    if (anonymous !== undefined)
      parts.push(anonymous === proved ? 'anonymous logins as well' : `${anonymous} (ANONYMOUS)`);
    return parts.join(', or ');
  }

  listed(region: Region): number {
    return this.rows.listed(region);
  }

  /** Without a login: what anybody can do. */
  open(region: Region): boolean {
    return holds(region, 0);
  }

  anybody(region: Region): boolean {
    return this.open(region);
  }
}
