import { type Table, TableFailure } from '../../../src/policy/postfix/config.ts';
import type { TableType } from '../../../src/policy/postfix/tables/table-type.ts';
import type { Action } from '../../../src/policy/smtpd/lists/actions.ts';
import type { Restriction } from '../../../src/policy/smtpd/lists/restriction.ts';
import { type Check, type DeferCondition, DUNNO, OK, REJECT } from '../../../src/policy/smtpd/lists/run.ts';
import { type Row, replaced, rows } from './rows.ts';

export type Change = 'says nothing' | 'another code' | "its neighbour's behaviour";

/** One row of the registries, behaving otherwise until it is put back. */
export interface Mutant {
  readonly row: Row;
  /** `restriction reject, another code`. */
  readonly name: string;
  apply(): () => void;
}

const modifier = 'warn_if_reject';

/** Every change of every row. */
export const mutants: readonly Mutant[] = rows.flatMap((row) => {
  const mutant = (change: Change, apply: Mutant['apply']): Mutant => ({ row, name: `${row.name}, ${change}`, apply });
  const changes =
    row.kind === 'restriction'
      ? restrictionChanges(row.row, row.neighbour)
      : row.kind === 'action'
        ? actionChanges(row.row, row.neighbour)
        : tableChanges(row.row, row.neighbour);
  return [
    mutant('says nothing', changes[0]),
    mutant('another code', changes[1]),
    mutant("its neighbour's behaviour", changes[2]),
  ];
});

type Changes = readonly [nothing: Mutant['apply'], code: Mutant['apply'], neighbour: Mutant['apply']];

function restrictionChanges(row: Restriction, neighbour: Restriction): Changes {
  const compile = row.compile.bind(row);
  const nothing: Restriction['compile'] = () => () => DUNNO;
  const other = neighbour.compile.bind(neighbour);
  if (row.name === modifier)
    return [
      () => unmodified(row, nothing),
      () => unmodified(row, () => (run) => run.reject('policy', 459, '4.5.9', 'mutated')),
      () => unmodified(row, other),
    ];
  return [
    () => replaced(row, 'compile', nothing),
    () => replaced(row, 'compile', (site) => otherwise(compile(site))),
    () => replaced(row, 'compile', other),
  ];
}

/** The driver of a list knows the modifier by its name: under an alias it is a restriction like any other. */
function unmodified(row: Restriction, compile: Restriction['compile']): () => void {
  const restore = [
    replaced(row, 'name', `${modifier} as a restriction`),
    replaced(row, 'aliases', [modifier]),
    replaced(row, 'compile', compile),
  ];
  return () => {
    for (const each of restore) each();
  };
}

function actionChanges(row: Action, neighbour: Action): Changes {
  const compile = row.compile.bind(row);
  // For the action that says nothing, to say something is the change.
  const nothing = row.name === 'DUNNO' ? OK : DUNNO;
  return [
    () => replaced(row, 'compile', () => () => nothing),
    () => replaced(row, 'compile', (...given) => shown(compile(...given))),
    () => replaced(row, 'compile', neighbour.compile.bind(neighbour)),
  ];
}

function tableChanges(row: TableType, neighbour: TableType): Changes {
  const open = row.open.bind(row);
  return [
    () => replaced(row, 'open', (name, host) => asking(open(name, host), () => undefined)),
    () =>
      replaced(row, 'open', (name, host) =>
        asking(open(name, host), (value) => (value === undefined ? '459 mutated' : undefined)),
      ),
    () => replaced(row, 'open', neighbour.open.bind(neighbour)),
  ];
}

const another = (code: number): number => (code === 459 ? 458 : 459);

/** Refusals and recorded conditions get the code 459, and a permit becomes a refusal. */
function otherwise(check: Check): Check {
  return (run) => {
    const before = [run.deferralIfPermit.active, run.deferralIfReject.active];
    const status = check(run);
    if (status === OK) return run.reject('policy', 459, '4.5.9', 'mutated');
    if (status === REJECT && run.reply !== undefined) run.reply = { ...run.reply, code: another(run.reply.code) };
    for (const [i, condition] of [run.deferralIfPermit, run.deferralIfReject].entries())
      if (condition.active && before[i] === false) recode(condition);
    return status;
  };
}

function recode(condition: DeferCondition): void {
  condition.code = another(condition.code);
}

/** As `otherwise`, and an action that goes on refuses, for it has no code to change. */
function shown(check: Check): Check {
  const changed = otherwise(check);
  return (run) => {
    const status = changed(run);
    return status === DUNNO ? run.reject('policy', 459, '4.5.9', 'mutated') : status;
  };
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
