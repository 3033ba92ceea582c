import type { Problem } from '../../../lib/problem.ts';
import { foldedHashOf, hashOf, type ReadyKey } from '../../../lib/ready-key.ts';
import { foldAscii, foldCase } from '../../../lib/text.ts';
import type { Table, TableEntry } from '../config.ts';
import type { KeyIndex } from './key-index.ts';

/**
 * A fixed-string table: exact keys, folded when the table is made and when it is asked. The entries are listed only
 * when somebody wants them, for a large table is asked far more often than it is listed.
 */
export function keyedTable(
  spec: string,
  index: KeyIndex,
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
    find(key, ready) {
      if (ready !== undefined) return index.find(ready.text, ready.hash);
      const hash = foldedHashOf(key);
      if (hash === undefined) {
        const folded = foldCase(key, unicode);
        return index.find(folded, hashOf(folded));
      }
      // Most keys are not there, which their hash tells: they need not be folded for it.
      return index.mayHave(hash) ? index.find(foldAscii(key), hash) : undefined;
    },
    ...(index.hasEmpty ? {} : { has: (ready: ReadyKey) => index.has(ready.text, ready.hash) }),
    get entries() {
      listed ??= options.list();
      return listed;
    },
    warnings: options.warnings ?? [],
  };
}
