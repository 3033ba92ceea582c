import type { Problem } from '../lib/problem.ts';
import type { Standing } from '../provision/rotation/standing.ts';
import type { RotationStep, Waiting } from '../provision/rotation/step.ts';
import type { Drift } from '../provision/state/drift.ts';

export interface StatusReport {
  readonly out: string;
  /** When this was true, ISO 8601. */
  readonly at: string;
  readonly digest: string;
  readonly standings: readonly Standing[];
  /** Steps under way that belong to no single certificate. */
  readonly steps: readonly RotationStep[];
  /** Hosts, beside those that steps wait for, that are not known to have the files that followed from a step that was done. */
  readonly behind: readonly string[];
  /** Where the servers share a table in a database. */
  readonly publication?: PublicationStanding;
  readonly drift: readonly Drift[];
  /** Hosts whose files nobody touched since the inventory was written, so that they were not read. */
  readonly untouched: number;
  /** Lines of an earlier map that admit nobody. */
  readonly kept: number;
  readonly notes: readonly Problem[];
  /** Show every row, those that ended too. */
  readonly all: boolean;
}

/** More rows than this do not fit a screen: then counts and what needs attention come first, and the rest on request. */
const screenful = 20;

/** True when nothing is due, expired, missing or drifted, and no host is behind: exit code 0. */
export function isWell(report: StatusReport): boolean {
  const { drift, behind, publication } = report;
  if (publication?.due === true) return false;
  return drift.length + behind.length === 0 && dueSteps(report).length === 0 && attention(report).length === 0;
}

function attention({ standings }: StatusReport): readonly Standing[] {
  return standings.filter((one) => one.attention.length > 0);
}

/** It cannot go on before somebody brought files to a host and said so. */
function waits({ waitingFor }: Standing): boolean {
  return waitingFor.some(({ kind }) => kind === 'hosts' || kind === 'use' || kind === 'seen');
}

function dueSteps({ steps }: StatusReport): readonly RotationStep[] {
  return steps.filter(({ done, waitingFor }) => !done && waitingFor.length === 0);
}

/** The report for people: the answer, what needs attention, the table. */
export function statusText(report: StatusReport): string {
  const rows = report.all ? report.standings : report.standings.filter(({ wanted }) => wanted);
  const urgent = attention(report);
  const fits = report.all || rows.length <= screenful;
  const ended = report.standings.length - report.standings.filter(({ wanted }) => wanted).length;
  const shown = fits ? rows : rows.filter((row) => row.attention.length > 0 || waits(row));
  const blocks = [
    headline(report, urgent),
    fits ? '' : counts(report.standings),
    table(fits || report.all ? shown : shown.slice(0, screenful), report),
    fits || shown.length <= screenful ? '' : `  … and ${shown.length - screenful} more; --all lists every one\n`,
    stepLines(report.steps),
    behindLines(report),
    publicationText(report.publication, report.out),
    driftLines(report),
    ended > 0 && !report.all ? `${ended} retired, revoked or no longer wanted; --all lists them\n` : '',
    report.kept > 0
      ? `${report.kept} lines of an earlier map admit nobody; they are kept as comments in the map\n`
      : '',
    report.untouched > 0
      ? `the files of ${report.untouched} hosts are there, untouched since the inventory was written; --all compares them too\n`
      : '',
  ];
  return blocks.filter((block) => block !== '').join('\n');
}

function headline(report: StatusReport, urgent: readonly Standing[]): string {
  const { standings, drift, behind, publication, at } = report;
  const next = standings
    .filter(({ wanted, expiresIn, attention: found }) => wanted && expiresIn !== undefined && found.length === 0)
    .toSorted((one, other) => dueTime(one) - dueTime(other))[0];
  const soonest =
    next === undefined ? '' : `; next due: ${next.holder} (${next.role}) ${inWords(dueTime(next) - Date.parse(at))}`;
  // Nothing is wrong with that; only, nothing goes on before somebody has been there.
  const waiting = new Set(standings.filter(waits).map(({ holder }) => holder)).size;
  const wait =
    waiting === 0
      ? ''
      : `; ${waiting} ${waiting === 1 ? 'rotation waits' : 'rotations wait'} for hosts to take their files`;
  if (isWell(report)) return `all is well${wait}${soonest}\n`;
  const reasons = new Map<string, number>();
  for (const [first] of urgent.map((one) => one.attention)) {
    if (first !== undefined) reasons.set(words[first], (reasons.get(words[first]) ?? 0) + 1);
  }
  const steps = dueSteps(report).length;
  const parts = [
    ...[...reasons].map(([word, count]) => `${count} ${word}`),
    ...(steps === 0 ? [] : [`${steps} ${steps === 1 ? 'step' : 'steps'} due`]),
    ...(behind.length === 0 ? [] : [`${behind.length} ${behind.length === 1 ? 'host' : 'hosts'} behind`]),
    ...(publication?.due === true ? ['publishing is due'] : []),
    ...(drift.length === 0 ? [] : [`${drift.length} ${drift.length === 1 ? 'file' : 'files'} drifted`]),
  ];
  return `needs attention: ${parts.join(', ')}${wait}\n`;
}

const words = {
  expired: 'expired',
  due: 'due',
  expiring: 'expiring',
  missing: 'missing',
  'other-digest': 'listed in another digest',
} as const;

/** The time that is looked out for: of the next step where it is known, else of the end. */
function dueTime({ dueAt, notAfter }: Standing): number {
  return Date.parse(dueAt ?? notAfter);
}

function counts(standings: readonly Standing[]): string {
  const byRole = (['authority', 'server', 'client'] as const).flatMap((role) => {
    const states = new Map<string, number>();
    for (const { state } of standings.filter((one) => one.role === role))
      states.set(state, (states.get(state) ?? 0) + 1);
    const total = [...states.values()].reduce((sum, count) => sum + count, 0);
    if (total === 0) return [];
    const parts = [...states].map(([state, count]) => `${count} ${stateWords(state)}`).join(', ');
    return [`  ${role.padEnd(9)}  ${String(total).padStart(6)}  ${parts}`];
  });
  return `${byRole.join('\n')}\n`;
}

function stateWords(state: string): string {
  return (
    ({ handed: 'handed over', 'in-use': 'in use', 'keeps-own': 'keeps its own' } as Record<string, string>)[state] ??
    state
  );
}

function table(rows: readonly Standing[], { at, digest }: StatusReport): string {
  if (rows.length === 0) return '';
  const cells = rows.map((row) => [
    row.role,
    row.holder,
    stateWords(row.state),
    row.expiresIn === undefined ? '' : row.expiresIn < 0 ? `${span(-row.expiresIn)} ago` : `in ${span(row.expiresIn)}`,
    dueCell(row, at),
    row.serial,
  ]);
  const heads = ['role', 'holder', 'state', 'expires', 'due', 'serial'];
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...cells.map((cell) => (cell[column] ?? '').length)),
  );
  const line = (cell: readonly string[]) =>
    `  ${cell.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd();
  const lines = rows.flatMap((row, index) => [
    line(cells[index] ?? []),
    ...(row.fingerprint === '' ? [] : [`             ${row.digest === '' ? digest : row.digest} ${row.fingerprint}`]),
    ...waitingLines(row.waitingFor.filter(({ kind }) => kind !== 'time')).map((text) => `             waits ${text}`),
  ]);
  return `${[line(heads), ...lines].join('\n')}\n`;
}

function dueCell({ attention: found, dueAt, state }: Standing, at: string): string {
  if (found.includes('due')) return 'now';
  if (dueAt === undefined || state === 'retired' || state === 'revoked') return '';
  const seconds = Math.floor((Date.parse(dueAt) - Date.parse(at)) / 1000);
  return seconds <= 0 ? 'waits' : `in ${span(seconds)}`;
}

/** What a step waits for, one clause each. */
function waitingLines(waiting: readonly Waiting[]): readonly string[] {
  return waiting.map((one) => {
    switch (one.kind) {
      case 'time':
        return `until ${one.until} (${one.why})`;
      case 'hosts':
        return `for ${hostsText(one.hosts)} to have the new ${fileWords[one.files]}: install it there, then say "certrelay rotate --deployed NAME"`;
      case 'seen':
        return `for ${one.host} to be seen with its new certificate (serial ${one.serial}): by "rotate --in-use-log", "probe --record", or say "certrelay rotate --deployed ${one.host}"`;
      case 'use':
        return `for ${one.host} to use its new certificate (serial ${one.serial}): install it there, then say "certrelay rotate --deployed ${one.host}"`;
      case 'publication':
        return 'for its line to be in the database: certrelay publish';
      case 'leaves':
        return `for ${hostsText(one.hosts)} to have certificates of the new authority`;
      case 'authority':
        return 'for the next authority: this one ends too soon';
      default:
        return `for the step "${one.step}"`;
    }
  });
}

const fileWords = {
  map: 'map',
  pins: 'pins of the server',
  bundle: 'bundle of authorities',
  setting: 'digest',
} as const;

function hostsText(hosts: readonly string[]): string {
  const more = hosts.length - 3;
  return more > 0 ? `${hosts.slice(0, 3).join(', ')} and ${more} more` : hosts.join(', ');
}

function stepLines(steps: readonly RotationStep[]): string {
  const open = steps.filter(({ done }) => !done);
  const lines = open.map(({ kind, role, holder, waitingFor }) => {
    const wait = waitingLines(waitingFor);
    return `  ${kind} ${role} ${holder}: ${wait.length === 0 ? 'due now' : `waits ${wait.join('; ')}`}`;
  });
  return lines.length === 0 ? '' : `under way\n${lines.join('\n')}\n`;
}

/** What was retired or revoked is out of force on a host only when the host has its files. */
function behindLines({ behind, out }: StatusReport): string {
  if (behind.length === 0) return '';
  const name = behind.length === 1 ? behind[0] : 'NAME';
  const lines = [
    'behind',
    `  ${hostsText(behind)}: not known to have the latest files of ${out}/hosts/${name}`,
    `hint: copy them there, run install.sh, then say "certrelay rotate --deployed ${name}"`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function driftLines({ drift, out, all }: StatusReport): string {
  if (drift.length === 0) return '';
  const shown = all ? drift : drift.slice(0, screenful);
  const lines = shown.flatMap(({ path, message }) => [`  ${path} ${message}`]);
  const kinds = [...new Set(shown.map(({ hint }) => hint))];
  if (shown.length < drift.length) lines.push(`  … and ${drift.length - shown.length} more; --all lists every one`);
  return `drifted in ${out}\n${[...lines, ...kinds.map((hint) => `hint: ${hint}`)].join('\n')}\n`;
}

/** A length of time in its two largest units. */
function span(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  if (days >= 1) return `${days} ${days === 1 ? 'day' : 'days'}`;
  const hours = Math.floor(seconds / 3_600);
  if (hours >= 1) return `${hours} h`;
  const minutes = Math.floor(seconds / 60);
  return minutes >= 1 ? `${minutes} min` : `${seconds} s`;
}

function inWords(milliseconds: number): string {
  return milliseconds <= 0 ? 'now' : `in ${span(Math.floor(milliseconds / 1000))}`;
}

/** The report for programs. */
export function statusDocument(report: StatusReport) {
  const { out, at, digest, standings, steps, behind, publication, drift, untouched, kept, notes, all } = report;
  const rows = all ? standings : standings.filter(({ wanted }) => wanted);
  return {
    schema: 'certrelay/status@1',
    well: isWell(report),
    ...{ out, at, digest },
    certificates: rows.map(({ wanted: _wanted, ...row }) => row),
    ended: standings.filter(({ wanted }) => !wanted).length,
    ...{ steps, behind, drift, untouched, kept, notes },
    ...(publication === undefined ? {} : { publication: publicationDocument(publication) }),
  };
}

/** How the table in the database stands, as far as the ledger tells. */
interface PublicationStanding {
  /** Nothing was published yet: undefined. */
  readonly last: { readonly at: string; readonly position: number; readonly table: string } | undefined;
  /** How many events the ledger has. */
  readonly events: number;
  /** Lines follow from the ledger that are not known to be in the database. */
  readonly due: boolean;
}

/** What status says of it, for people; nothing where every server has a file. */
function publicationText(standing: PublicationStanding | undefined, out: string): string {
  if (standing === undefined) return '';
  const { last, events, due } = standing;
  const said =
    last === undefined
      ? 'nothing was published yet'
      : `last published ${last.at}, at ledger position ${last.position} of ${events}`;
  const hint = `hint: certrelay publish --database URL${out === 'out' ? '' : ` --out ${out}`}\n`;
  return `database\n  ${said}${due ? '; publishing is due, and what it replaces is in force\n' : '\n'}${due ? hint : ''}`;
}

/** The same for programs. */
function publicationDocument({ last, events, due }: PublicationStanding) {
  return { published: last ?? null, events, due };
}
