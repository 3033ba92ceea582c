import type { Difference, Line } from '../hosts/publish/line.ts';
import type { Publication } from '../hosts/publish/table.ts';
import type { Problem } from '../lib/problem.ts';

/** What a publication did, or would do. */
export interface PublishReport {
  readonly out: string;
  /** The database as messages name it. */
  readonly database: string;
  /** The table's identity. */
  readonly table: string;
  readonly dryRun: boolean;
  readonly changed: boolean;
  readonly pending: boolean;
  readonly difference: Difference;
  readonly events: number;
  /** Of the ledger, at the last publication; undefined before the first. */
  readonly position: number | undefined;
  /** A rotation waited for this. */
  readonly mayGoOn: boolean;
  readonly showsLines: boolean;
  readonly notes: readonly Problem[];
}

/** The report for people: what there is now, the lines, what is next. */
export function publishText(report: PublishReport): string {
  const { database, difference, changed, pending, position, mayGoOn, out } = report;
  const { lines } = difference;
  const all = `${lines} ${lines === 1 ? 'line' : 'lines'}`;
  const head = changed
    ? `published to ${database}: ${counts(difference)}; ${all} in force with the next lookup, ledger position ${position}\n`
    : pending
      ? `would change ${database} (nothing was changed): ${counts(difference)}; ${all} then\n`
      : `nothing to publish: ${database} has all ${all} already\n`;
  const suffix = out === 'out' ? '' : ` --out ${out}`;
  const next = mayGoOn ? `\nnext\n  1. what waited for it can go on: certrelay rotate --due${suffix}\n` : '';
  return `${head}${report.showsLines ? lineDifference(difference) : ''}${next}`;
}

function counts({ added, removed, changed }: Difference): string {
  return [
    ...(added.length === 0 ? [] : [`${added.length} added`]),
    ...(removed.length === 0 ? [] : [`${removed.length} removed`]),
    ...(changed.length === 0 ? [] : [`${changed.length} changed`]),
  ].join(', ');
}

function lineDifference({ added, removed, changed }: Difference): string {
  const shown = (sign: string, lines: readonly Line[]) =>
    lines.map(({ fingerprint, name }) => `${sign} ${fingerprint} ${name}\n`).join('');
  return `${shown('-', removed)}${shown('~', changed)}${shown('+', added)}`;
}

/** The report for programs. */
export function publishDocument({ difference, showsLines, ...rest }: PublishReport) {
  const { added, removed, changed, lines } = difference;
  return {
    schema: 'certrelay/publish@1',
    ...rest,
    position: rest.position ?? null,
    counts: { added: added.length, removed: removed.length, changed: changed.length, lines },
    ...(showsLines ? { lines: { added, removed, changed } } : {}),
  };
}

/** Publications, newest first, a line each. */
export function historyText(history: readonly Publication[]): string {
  if (history.length === 0) return 'nothing was published yet\n';
  return history
    .map(
      ({ at, publisher, position, added, removed, changed, lines }) =>
        `${at}  ${publisher}  position ${position}  +${added} -${removed} ~${changed}  ${lines} lines\n`,
    )
    .join('');
}

export function historyDocument(history: readonly Publication[]) {
  return { schema: 'certrelay/publish@1', history };
}
