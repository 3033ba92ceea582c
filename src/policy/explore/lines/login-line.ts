import { holds, type Region } from '../region.ts';
import { TokenLine, TokenRows } from './token-line.ts';

/** A SASL login; undefined: none. */
export type Login = { readonly user: string; readonly method: string } | undefined;

/** SASL logins: none, then logins by the method ANONYMOUS, which prove nothing, then all others. */
export class LoginLine extends TokenLine<Login> {
  private readonly other: string;

  constructor(keys: Iterable<string>) {
    const words = new Set<string>();
    for (const key of keys) if (key !== '') words.add(key.toLowerCase());
    super(new TokenRows(words, 1, 2), (key) => key.toLowerCase());
    let other = 'login';
    while (words.has(other)) other += 'x';
    this.other = other;
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

  words(region: Region): string {
    const parts = holds(region, 0) ? ['no login'] : [];
    const [anonymous, proved] = [0, 1].map((section) => this.rows.describe(region, section, 'login'));
    if (proved !== undefined) parts.push(proved);
    if (anonymous !== undefined)
      parts.push(anonymous === proved ? 'anonymous logins as well' : `${anonymous} (ANONYMOUS)`);
    return parts.join(', or ');
  }

  /** Without a login: what anybody can do. */
  open(region: Region): boolean {
    return holds(region, 0);
  }
}
