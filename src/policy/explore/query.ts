import type { LineName } from './lines/line.ts';

/** What an exploration asks. */
export interface Query {
  /**
   * Which recipients: `remote`, those that this server neither delivers nor relays for, is the question "who can relay";
   * `own` is "who can send to us". With several programs, a recipient counts that is so for one of them.
   */
  readonly recipients: 'remote' | 'own' | 'any';
  /**
   * Values that the session must have, by line, as keys of tables write them: networks, domains (with what is below
   * them), mail addresses, fingerprints, logins. A key after `!` is left out. For the lines certificate and login, `none`
   * stands for doing without.
   */
  readonly within?: Partial<Record<LineName, readonly string[]>>;
  /** As many paths are followed; the exploration says when there were more. */
  readonly limit: number;
  /** Sessions without HELO, too, where the server takes them. */
  readonly silent?: boolean;
  /** Sort those who are let in by what this list does with them; left out: by the list that guards against relaying. */
  readonly list?: string;
}

/** As many paths as anybody would wait for. */
export const usualLimit = 1_000_000;
