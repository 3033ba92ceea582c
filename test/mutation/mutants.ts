import type { Table } from '../../src/postfix/config.ts';
import { TableFailure } from '../../src/postfix/config.ts';
import { tableTypes } from '../../src/postfix/tables/index.ts';
import type { TableType } from '../../src/postfix/tables/table-type.ts';
import { type Action, actions } from '../../src/smtpd/actions.ts';
import type { Restriction } from '../../src/smtpd/restriction.ts';
import { restrictions } from '../../src/smtpd/restrictions/index.ts';
import { type Check, DUNNO, OK, REJECT } from '../../src/smtpd/run.ts';

/** One row of the registries, behaving otherwise until it is put back. */
export interface Mutant {
  readonly row: string;
  readonly change: 'says nothing' | 'another code' | "its neighbour's behaviour";
  /** Words of which at least one stands in every scenario that could notice. */
  readonly words: readonly string[];
  apply(): () => void;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Puts a behaviour in the place of a row's own; the result puts the old one back. */
function replaced<T extends object, K extends keyof T>(row: T, key: K, behaviour: T[K]): () => void {
  const open: Writable<T> = row;
  const before = row[key];
  open[key] = behaviour;
  return () => {
    open[key] = before;
  };
}

/** Refusals get the code 459, and a permit becomes one. */
function otherwise(check: Check): Check {
  return (run) => {
    const status = check(run);
    if (status === OK) return run.reject('policy', 459, '4.5.9', 'mutated');
    if (status === REJECT && run.reply !== undefined)
      run.reply = { ...run.reply, code: run.reply.code === 459 ? 458 : 459 };
    return status;
  };
}

const next = <T>(rows: readonly T[], at: number): T => rows[(at + 1) % rows.length] as T;

function restrictionMutants(row: Restriction, at: number): Mutant[] {
  const words = [row.name, ...(row.aliases ?? [])];
  const compile = row.compile.bind(row);
  const neighbour = next(restrictions, at);
  const mutant = (change: Mutant['change'], behaviour: Restriction['compile']): Mutant => ({
    row: `restriction ${row.name}`,
    change,
    words,
    apply: () => replaced(row, 'compile', behaviour),
  });
  return [
    mutant('says nothing', () => () => DUNNO),
    mutant('another code', (site) => otherwise(compile(site))),
    mutant("its neighbour's behaviour", neighbour.compile.bind(neighbour)),
  ];
}

function actionMutants(row: Action, at: number): Mutant[] {
  const compile = row.compile.bind(row);
  const neighbour = next(actions, at);
  const other = neighbour.compile.bind(neighbour);
  const mutant = (change: Mutant['change'], behaviour: Action['compile']): Mutant => ({
    row: `action ${row.name}`,
    change,
    words: [row.name],
    apply: () => replaced(row, 'compile', behaviour),
  });
  return [
    // For the action that says nothing, to say something is the change.
    mutant('says nothing', row.name === 'DUNNO' ? () => () => OK : () => () => DUNNO),
    mutant('another code', (...given) => shown(compile(...given))),
    mutant("its neighbour's behaviour", other),
  ];
}

/** As `otherwise`, and an action that goes on refuses, for it has no code to change. */
function shown(check: Check): Check {
  const changed = otherwise(check);
  return (run) => {
    const status = changed(run);
    return status === DUNNO ? run.reject('policy', 459, '4.5.9', 'mutated') : status;
  };
}

function tableMutants(row: TableType, at: number): Mutant[] {
  const open = row.open.bind(row);
  const neighbour = next(tableTypes, at);
  const other = neighbour.open.bind(neighbour);
  const mutant = (change: Mutant['change'], behaviour: TableType['open']): Mutant => ({
    row: `table type ${row.type}`,
    change,
    words: [`${row.type}:`],
    apply: () => replaced(row, 'open', behaviour),
  });
  return [
    mutant('says nothing', (name, host) => asking(open(name, host), () => undefined)),
    mutant('another code', (name, host) =>
      asking(open(name, host), (value) => (value === undefined ? '459 mutated' : undefined)),
    ),
    mutant("its neighbour's behaviour", other),
  ];
}

/** A table whose answers are changed, and which hides its entries, so that nobody reads them past it. */
function asking(table: Table, change: (value: string | undefined) => string | undefined): Table {
  const { entries: _, opaque, ...rest } = table;
  const find = (key: string) => {
    if (opaque !== undefined) return change(undefined);
    const value = table.find(key);
    return value instanceof TableFailure ? undefined : change(value);
  };
  return { ...rest, find };
}

/** Every change of every row. */
export function mutants(): readonly Mutant[] {
  return [
    ...restrictions.flatMap(restrictionMutants),
    ...actions.flatMap(actionMutants),
    ...tableTypes.flatMap(tableMutants),
  ];
}
