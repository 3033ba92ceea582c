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
  /** Set: there are keys that cannot be listed; the name of the table that holds them. */
  readonly untold?: string;
}

const nothing: readonly string[] = [];

/**
 * The keys of a table; undefined when they cannot be listed (regular expressions). A table that cannot be known has no
 * keys: whatever it is asked for is an open question.
 */
function tableKeys(table: Table): Iterable<string> | undefined {
  if (table.opaque !== undefined) return nothing;
  return table.keys?.() ?? table.entries?.map((entry) => entry.key);
}

/** The cuts of several tables; `locals` as in a cut. */
export function tableCuts(tables: readonly Table[], locals?: true): readonly Cut[] {
  return tables.map((table) => {
    const keys = tableKeys(table);
    if (keys === undefined) return { keys: nothing, untold: table.spec };
    return locals === undefined ? { keys } : { keys, locals };
  });
}

/** The elements of match lists, those in their files and tables included. */
export function listCuts(lists: readonly MatchList[]): readonly Cut[] {
  return lists.flatMap((list) => {
    // One that was not read from a configuration says nothing of its elements.
    if (!(list instanceof PatternList)) return [{ keys: nothing, untold: list.parameter }];
    const texts = list.patterns.flatMap(({ text, table }) => (table === undefined ? [text] : []));
    const tables = list.patterns.flatMap(({ table }) => table ?? []);
    return [{ keys: texts }, ...tableCuts(tables)];
  });
}

/** Whether a list of clients is asked for their names with any effect: for other lists the address alone decides. */
export function readsNames(list: MatchList): boolean {
  if (!(list instanceof PatternList)) return true;
  return list.patterns.some(({ kind, text, table }) => {
    if (table !== undefined) return kind === 'table' && !table.spec.startsWith('cidr:');
    return !/^[0-9a-f.:/[\]]*$/.test(text) || /^[a-f.]*$/.test(text);
  });
}
