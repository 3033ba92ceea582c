import type { MatchList, Table } from './config.ts';
import { PatternList } from './matching/patterns.ts';

/**
 * Keys at which the answers to a question change, as tables and lists write them: addresses and networks, names and
 * domains, mail addresses, fingerprints, logins. Two values that no key tells apart get the same answer.
 */
export interface Cut {
  readonly keys: Iterable<string>;
  /** Keys without `@` are local parts of the server's own domains (canonical(5) and its kin), not domains. */
  readonly locals?: true;
  /** Set: not all keys can be enumerated; the table that has the others, such as `pcre:/etc/postfix/senders`. */
  readonly notEnumerable?: string;
}

const nothing: readonly string[] = [];

/**
 * The keys of a table; undefined when they cannot be enumerated (regular expressions). A table whose content is
 * not known has no keys: every lookup in it is an open question.
 */
function tableKeys(table: Table): Iterable<string> | undefined {
  if (table.opaque !== undefined) return nothing;
  return table.keys?.() ?? table.entries?.map((entry) => entry.key);
}

/** The cuts of several tables; `locals` as in a cut. */
export function tableCuts(tables: readonly Table[], locals?: true): readonly Cut[] {
  return tables.map((table) => {
    const keys = tableKeys(table);
    if (keys === undefined) return { keys: nothing, notEnumerable: table.spec };
    return locals === undefined ? { keys } : { keys, locals };
  });
}

/** The elements of match lists, those in their files and tables included. */
export function listCuts(lists: readonly MatchList[]): readonly Cut[] {
  return lists.flatMap((list) => {
    // The elements of a list that was not read from a configuration are not known.
    if (!(list instanceof PatternList)) return [{ keys: nothing, notEnumerable: list.parameter }];
    const texts = list.patterns.flatMap(({ text, table }) => (table === undefined ? [text] : []));
    const tables = list.patterns.flatMap(({ table }) => table ?? []);
    return [{ keys: texts }, ...tableCuts(tables)];
  });
}

/** Whether a client's name can match in this list; otherwise its address alone decides. */
export function readsNames(list: MatchList): boolean {
  if (!(list instanceof PatternList)) return true;
  return list.patterns.some(({ kind, text, table }) => {
    if (table !== undefined) return kind === 'table' && !table.spec.startsWith('cidr:');
    return !/^[0-9a-f.:/[\]]*$/.test(text) || /^[a-f.]*$/.test(text);
  });
}
