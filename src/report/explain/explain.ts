import type { Evidence, Release, Replay } from '../../diagnose/evidence/evidence.ts';
import type { Finding } from '../../diagnose/findings/finding.ts';
import type { LoggedReply } from '../../diagnose/maillog/session.ts';
import type { Repair } from '../../diagnose/repair/repair.ts';
import type { Unproved } from '../../diagnose/repair/unproved.ts';
import type { ReleaseRange } from '../../diagnose/replay/releases.ts';
import type { Problem } from '../../lib/problem.ts';
import { countsText, findingsText } from '../findings/findings-human.ts';
import type { Depth } from '../verdict.ts';
import { repairSummary } from './explain-repairs.ts';
import { replayText } from './explain-replay.ts';
import { fewOf, replyWords } from './explain-words.ts';

/** All that `explain` has to say. */
export interface Explanation {
  readonly evidence: Evidence;
  readonly findings: readonly Finding[];
  readonly repairs: readonly Repair[];
  /** Why there are no repairs, where there is something to repair. */
  readonly unproved?: Unproved;
  /** Where the release is a guess: what each release would reply. */
  readonly ranges: readonly ReleaseRange[];
  /** What is wrong with the input, and did not keep it from being used. */
  readonly problems: readonly Problem[];
  /** Sessions of the log that were not looked at. */
  readonly leftOut: number;
  /** The repair that was made on this host. */
  readonly applied?: Applied;
}

/** A repair that was made, and how to take it back. */
export interface Applied {
  readonly title: string;
  readonly commands: readonly string[];
  /** Each file that was changed, with the copy of what it was. */
  readonly backups: readonly { readonly file: string; readonly backup: string }[];
  /** Whether Postfix was running and has read its configuration again. */
  readonly reloaded: boolean;
  /** Shell commands that take it back. */
  readonly undo: readonly string[];
}

/** What was done, and how to take it back. */
export function appliedText({ title, backups, reloaded, undo }: Applied): string {
  const lines = [
    `made: ${title}; ${reloaded ? 'Postfix has read it' : 'Postfix is not running'}`,
    ...backups.map(({ file, backup }) => `  ${file} was kept as ${backup}`),
    'to take it back:',
    ...undo.map((command) => `  ${command}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** An explanation for people: the answer, the cause, what to do; then the rest. */
export function explainText(explanation: Explanation, depth: Depth): string {
  const { evidence, findings, repairs, problems } = explanation;
  const [first, ...others] = evidence.replays;
  const parts = [
    problems.map(problemLine).join(''),
    first === undefined ? loggedText(evidence) : replayText(first, depth),
    releaseText(explanation),
    repairSummary(repairs, explanation.unproved),
    othersText(others),
    findings.length === 0 ? nothingFound(evidence) : `${countsText(findings)}\n\n${findingsText(findings)}`,
    leftOutText(explanation),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function problemLine({ message, hint }: Problem): string {
  return `warning: ${message}\n${hint === undefined ? '' : `  hint: ${hint}\n`}`;
}

/** Which release was judged, how that is known, and what hangs on it where it is a guess. */
function releaseText({ evidence, ranges }: Explanation): string {
  const release = evidence.server?.release ?? evidence.client?.release;
  if (release === undefined) return '';
  const lines = [`Postfix ${release.version.text}, ${learnt(release)}`];
  if (release.how === 'guessed' && ranges.length === 1)
    lines.push('  the answer is the same for every release from 2.9 on');
  if (release.how === 'guessed' && ranges.length > 1) {
    lines.push(...ranges.map(({ from, to, verdict }) => `  ${rangeWords(from, to)}: ${replyWords(verdict)}`));
  }
  for (const { path, file, how } of [evidence.server, evidence.client].flatMap((side) => side?.tables ?? [])) {
    if (how === 'beside') lines.push(`  ${path} is read from ${file}, which lies beside the configuration`);
  }
  return `${lines.join('\n')}\n`;
}

function rangeWords(from: string, to: string): string {
  return from === to ? from : `${from} to ${to}`;
}

function learnt({ how, words, where }: Release): string {
  const at = where === undefined ? '' : ` (${where.file}:${where.line})`;
  if (how === 'given') return 'as --postfix says';
  if (how === 'live') return 'as this host says';
  if (how === 'guessed') return 'assumed: nothing given names the release; --postfix does';
  return `as "${words}" says${at}`;
}

const mostOthers = 10;

/** The other sessions, those that come out alike in one line. */
function othersText(replays: readonly Replay[]): string {
  const groups = new Map<string, { readonly first: Replay; count: number; readonly names: Set<string> }>();
  for (const replay of replays) {
    const key = JSON.stringify([replay.agreement, replay.logged?.code, lineOf(replay)]);
    const group = groups.get(key) ?? { first: replay, count: 0, names: new Set() };
    group.count += replay.alike;
    group.names.add(nameOf(replay));
    groups.set(key, group);
  }
  if (groups.size === 0) return '';
  const all = [...groups.values()];
  const lines = all.slice(0, mostOthers).map(({ first, count, names }) => {
    const [name = ''] = names;
    const who = names.size === 1 ? name : `${name} and ${names.size - 1} more`;
    return `  ${lineOf(first)} (${count} session${count === 1 ? '' : 's'}, ${who})`;
  });
  const rest = all.length > mostOthers ? [`  and ${all.length - mostOthers} other kinds`] : [];
  return `${['other sessions:', ...lines, ...rest].join('\n')}\n`;
}

function nameOf({ name }: Replay): string {
  return name.replace(/, .*$/, '');
}

function lineOf({ verdict, logged, agreement, reply }: Replay): string {
  const by = reply?.decidedBy[0];
  const decided = by === undefined ? '' : `, decided by ${by.list}[${by.index}] ${by.restriction}`;
  if (logged === undefined) return `${replyWords(verdict)}${decided}`;
  const said = logged.text === '' ? `${logged.code}` : `${logged.code} ${logged.enhanced} ${logged.text}`.trim();
  if (agreement === 'same') return `${said}${decided}`;
  return agreement === 'different'
    ? `${said}, where the simulator gets ${replyWords(verdict)}${decided}`
    : `${said}, which the simulator cannot judge without ${fewOf(verdict.missing)}`;
}

function nothingFound({ server, client }: Evidence): string {
  return server === undefined && client === undefined ? '' : 'no findings\n';
}

function leftOutText({ evidence, leftOut }: Explanation): string {
  const all = leftOut + (evidence.log?.leftOut ?? 0);
  if (all === 0) return '';
  return `${all} more session${all === 1 ? '' : 's'} of the log were not looked at; --client-address, --from and --to choose\n`;
}

const most = 5;

/** What can be said where no session could be played: what the log tells, and what else is needed. */
function loggedText({ log, server }: Evidence): string {
  if (log === undefined) {
    return server === undefined
      ? ''
      : 'no log and no session were given: what follows is from the configuration alone\n';
  }
  const refusals = [
    ...log.servers.flatMap(({ replies }) => replies),
    ...log.deliveries.flatMap(({ reply }) => reply ?? []),
  ]
    .filter(({ code }) => code >= 400)
    .map(words);
  const stuck = log.deliveries
    .filter(({ status, reply }) => status !== 'sent' && status !== 'deliverable' && reply === undefined)
    .map(({ reason, recipient, where }) => `<${recipient}>: ${reason} (${where.file}:${where.line})`);
  const deaths = log.trouble
    .filter(({ level }) => level === 'fatal' || level === 'panic')
    .map(({ level, text, from, where }) => `${from.program}: ${level}: ${text} (${where.file}:${where.line})`);
  const all = [...new Set([...deaths, ...refusals, ...stuck])];
  if (all.length === 0) return nothingToExplain(log.servers.length + log.deliveries.length, log.postfixLines);
  const lines = all.slice(0, most);
  if (all.length > most) lines.push(`and ${all.length - most} more`);
  if (server === undefined) {
    lines.push('which list refused is in the server\'s configuration: give the output of "postconf -n" on the server');
  }
  return `${lines.join('\n')}\n`;
}

function words({ code, enhanced, text, where }: LoggedReply): string {
  const reply = [String(code), enhanced, text].filter((part) => part !== '').join(' ');
  return `${reply} (${where.file}:${where.line})`;
}

function nothingToExplain(sessions: number, lines: number): string {
  return sessions === 0
    ? `the log tells of no session (${lines} line${lines === 1 ? '' : 's'} of Postfix)\n`
    : `the log tells of ${sessions} session${sessions === 1 ? '' : 's'}, and nothing was refused\n`;
}
