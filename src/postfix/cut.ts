import type { MatchList, Table } from './config.ts';
import { PatternList } from './patterns.ts';

/**
 * Keys at which the answers to a question change, as tables and lists write them: addresses and networks, names and
 * domains, mail addresses, fingerprints, logins. Two values that no key tells apart get the same answer.
 */
export interface Cut {
  readonly keys: Iterable<string>;
  /** Keys without `@` are local parts of the server's own domains (canonical(5) and its kin), not domains. */
  readonly locals?: true;
}

const nothing: readonly string[] = [];

/**
 * The keys of a table; undefined when they cannot be listed (regular expressions). A table that cannot be known has no
 * keys: whatever it is asked for is an open question.
 */
export function tableKeys(table: Table): Iterable<string> | undefined {
  if (table.opaque !== undefined) return nothing;
  return table.keys?.() ?? table.entries?.map((entry) => entry.key);
}

/** The cuts of several tables together; undefined when one of them cannot list its keys. */
export function tableCuts(tables: readonly Table[], locals?: true): readonly Cut[] | undefined {
  const cuts: Cut[] = [];
  for (const table of tables) {
    const keys = tableKeys(table);
    if (keys === undefined) return undefined;
    cuts.push(locals === undefined ? { keys } : { keys, locals });
  }
  return cuts;
}

/**
 * The elements of a match list, those in its files and tables included. Undefined when a table among them cannot list its
 * keys, or the list is not one that was read from a configuration.
 */
export function listCut(list: MatchList): Cut | undefined {
  if (!(list instanceof PatternList)) return undefined;
  const keys: string[] = [];
  for (const { text, table } of list.patterns) {
    const own = table === undefined ? [text] : tableKeys(table);
    if (own === undefined) return undefined;
    for (const key of own) keys.push(key);
  }
  return { keys };
}

/** Several match lists together; undefined as for one. */
export function listCuts(lists: readonly MatchList[]): readonly Cut[] | undefined {
  const cuts: Cut[] = [];
  for (const list of lists) {
    const cut = listCut(list);
    if (cut === undefined) return undefined;
    cuts.push(cut);
  }
  return cuts;
}

/** Cuts that belong together; undefined when some of them cannot be told. */
export function allCuts(...cuts: readonly (readonly Cut[] | undefined)[]): readonly Cut[] | undefined {
  const all: Cut[] = [];
  for (const some of cuts) {
    if (some === undefined) return undefined;
    all.push(...some);
  }
  return all;
}

/** Whether a list of clients is asked for their names with any effect: for other lists the address alone decides. */
export function readsNames(list: MatchList): boolean {
  if (!(list instanceof PatternList)) return true;
  return list.patterns.some(({ kind, text, table }) => {
    if (table !== undefined) return kind === 'table' && !table.spec.startsWith('cidr:');
    return !/^[0-9a-f.:/[\]]*$/.test(text) || /^[a-f.]*$/.test(text);
  });
}
