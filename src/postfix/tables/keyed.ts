import type { Problem } from '../../lib/problem.ts';
import { foldCase } from '../../lib/text.ts';
import type { Table, TableEntry } from '../config.ts';

/**
 * A fixed-string table: exact keys, folded when the table is made and when it is asked. The entries are listed only
 * when somebody wants them, for a large table is asked far more often than it is listed.
 */
export function keyedTable(
  spec: string,
  values: ReadonlyMap<string, string>,
  options: {
    readonly unicode: boolean;
    readonly warnings?: readonly Problem[];
    readonly list: () => readonly TableEntry[];
  },
): Table {
  const { unicode } = options;
  let listed: readonly TableEntry[] | undefined;
  return {
    spec,
    fixed: true,
    find: (key, folded) => values.get(folded ?? foldCase(key, unicode)),
    get entries() {
      listed ??= options.list();
      return listed;
    },
    warnings: options.warnings ?? [],
  };
}
