import { tableTypes } from '../../../src/policy/postfix/tables/index.ts';
import type { TableType } from '../../../src/policy/postfix/tables/table-type.ts';
import { type Action, actions } from '../../../src/policy/smtpd/lists/actions.ts';
import type { Restriction } from '../../../src/policy/smtpd/lists/restriction.ts';
import { restrictions } from '../../../src/policy/smtpd/restrictions/index.ts';

/** A row of one of the registries that the simulator consists of. */
export type Row = (
  | { readonly kind: 'restriction'; readonly row: Restriction; readonly neighbour: Restriction }
  | { readonly kind: 'action'; readonly row: Action; readonly neighbour: Action }
  | { readonly kind: 'table type'; readonly row: TableType; readonly neighbour: TableType }
) & {
  readonly name: string;
  /** Calls `noticed` whenever the row's behaviour is made use of; the result ends that. */
  watch(noticed: () => void): () => void;
};

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Puts a behaviour in the place of a row's own; the result puts the old one back. */
export function replaced<T extends object, K extends keyof T>(row: T, key: K, behaviour: T[K]): () => void {
  const open: Writable<T> = row;
  const before = row[key];
  open[key] = behaviour;
  return () => {
    open[key] = before;
  };
}

const next = <T>(rows: readonly T[], at: number): T => rows[(at + 1) % rows.length] as T;

/** Every row of the three registries, each with the one that stands behind it. */
export const rows: readonly Row[] = [
  ...restrictions.map(
    (row, at): Row => ({
      kind: 'restriction',
      name: `restriction ${row.name}`,
      row,
      neighbour: next(restrictions, at),
      watch(noticed) {
        const compile = row.compile;
        return replaced(row, 'compile', function (this: Restriction, site) {
          noticed();
          return compile.call(this, site);
        });
      },
    }),
  ),
  ...actions.map(
    (row, at): Row => ({
      kind: 'action',
      name: `action ${row.name}`,
      row,
      neighbour: next(actions, at),
      watch(noticed) {
        const compile = row.compile;
        return replaced(row, 'compile', function (this: Action, ...given) {
          noticed();
          return compile.apply(this, given);
        });
      },
    }),
  ),
  ...tableTypes.map(
    (row, at): Row => ({
      kind: 'table type',
      name: `table type ${row.type}`,
      row,
      neighbour: next(tableTypes, at),
      watch(noticed) {
        const open = row.open;
        return replaced(row, 'open', function (this: TableType, ...given) {
          noticed();
          return open.apply(this, given);
        });
      },
    }),
  ),
];
