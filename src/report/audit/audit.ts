import type { Finding } from '../../diagnose/findings/finding.ts';
import type { Problem } from '../../lib/problem.ts';
import type { Audit } from '../../policy/explore/audit.ts';
import type { Way } from '../../policy/explore/grouped-paths.ts';
import type { Demanded } from '../../policy/identities/demand.ts';
import { findingDocument } from '../findings/findings-document.ts';
import { countsText, findingsText } from '../findings/findings-human.ts';
import { demandsDocument, demandsText } from './audit-demands.ts';
import {
  assumptionText,
  conditionsDocument,
  conditionText,
  confirmationText,
  elementDocument,
  elementText,
  type LocatedElement,
  outcomeText,
  type Shown,
  sessionText,
  shownDocument,
} from './path-words.ts';

/** One way in as it is reported: the element, other lists' elements that its session passes, and the session. */
export interface ReportedWay {
  readonly way: Way;
  readonly by?: LocatedElement;
  readonly beside: readonly LocatedElement[];
  readonly shown: Shown;
}

/** All that an audit has to say. */
export interface AuditReport {
  /** The configuration: a file, or a server of a set-up. */
  readonly server: string;
  readonly service: string;
  readonly postfix: string;
  /** How the release is known. */
  readonly release: string;
  readonly question: string;
  readonly audit: Audit;
  readonly ways: readonly ReportedWay[];
  readonly unreached: readonly LocatedElement[];
  readonly idle: readonly LocatedElement[];
  readonly demands: readonly Demanded[] | undefined;
  readonly findings: readonly Finding[];
  readonly problems: readonly Problem[];
  /** What the configuration does not say and was taken to be so. */
  readonly assumed: readonly string[];
}

/** An audit for people: the verdict, the ways, what is not as demanded, what is of no use, what is wrong. */
export function auditText(report: AuditReport): string {
  const { audit, ways, findings, demands, problems } = report;
  const parts = [
    `${headline(report)}\n${subjectText(report)}`,
    problems
      .map(({ message, hint }) => `warning: ${message}\n${hint === undefined ? '' : `  hint: ${hint}\n`}`)
      .join(''),
    demands === undefined ? '' : demandsText(demands),
    ways.map((way, index) => wayText(way, index + 1)).join('\n'),
    elementsText('elements that evaluation never comes to:', report.unreached),
    elementsText('elements that never permit, refuse or note anything:', report.idle),
    untoldText(audit.untold),
    findings.length === 0 ? '' : `${countsText(findings)}\n\n${findingsText(findings)}`,
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function headline({ audit, question, ways }: AuditReport): string {
  const { fatal, limited, paths } = audit;
  if (fatal !== undefined) return `nobody gets in: the server does not start: ${fatal}`;
  const verdict = verdictText(audit.relay, question, ways.length, ways.some(strangersTake));
  return limited
    ? `limited to ${paths} paths, and there are more: what follows is incomplete\n${verdict} so far`
    : verdict;
}

/** Whether some session of a way has nothing but its recipient that not everybody has. */
function strangersTake({ way: { paths } }: ReportedWay): boolean {
  return paths.some(({ conditions }) => conditions.every(({ line, open }) => line === 'recipient' || open));
}

function verdictText(relay: Audit['relay'], question: string, ways: number, anybody: boolean): string {
  const number = ways === 0 ? 'no way' : ways === 1 ? 'one way' : `${ways} ways`;
  if (question === 'relay') {
    if (relay === 'open') return `open relay: anybody can send to any site; ${number} to relay`;
    if (relay === 'depends') return `an open relay if what is supposed below is so; ${number} to relay`;
    return `not an open relay; ${number} to relay`;
  }
  if (question === 'receive') {
    return `${anybody ? 'anybody' : 'not anybody'} can send to recipients of this server; ${number} in`;
  }
  return `${number} through ${question}`;
}

function subjectText({ server, service, postfix, release, assumed, audit }: AuditReport): string {
  const lines = [`${server}, service ${service}, Postfix ${postfix}${release}; ${audit.paths} paths followed`];
  for (const message of assumed) lines.push(`  assuming ${message}`);
  return `${lines.join('\n')}\n`;
}

function wayText({ way, by, beside, shown }: ReportedWay, number: number): string {
  const { title, entries, conditions, assumptions, open, openIf, bounded } = way;
  const count = entries === undefined ? '' : ` (${entries} ${entries === 1 ? 'entry' : 'entries'})`;
  const marks = [
    ...(open === undefined ? [] : ['anybody can take it']),
    ...(open === undefined && openIf !== undefined ? ['anybody can take it if what is supposed is so'] : []),
    ...(bounded ? ['only to recipients that the configuration names'] : []),
  ];
  return [
    `${number}. ${title}${count}${marks.length === 0 ? '' : `: ${marks.join('; ')}`}`,
    ...(by === undefined ? [] : [`     by ${elementText(by)}`]),
    ...beside.map((element) => `     and ${elementText(element)}`),
    ...conditions.map((condition) => `     ${conditionText(condition)}`),
    ...assumptions.slice(0, 5).map((assumption) => `     if ${assumptionText(assumption)}`),
    ...(assumptions.length > 5 ? [`     and ${assumptions.length - 5} more suppositions, in the JSON`] : []),
    `     e.g. ${sessionText(shown.witness)}`,
    `     ${outcomeText(shown.outcome)}; ${confirmationText(shown.witness)}`,
    ...(shown.command === undefined ? [] : [`       ${shown.command}`]),
    '',
  ].join('\n');
}

function elementsText(head: string, elements: readonly LocatedElement[]): string {
  return elements.length === 0 ? '' : `${head}\n${elements.map((element) => `  ${elementText(element)}\n`).join('')}`;
}

function untoldText(untold: readonly string[]): string {
  if (untold.length === 0) return '';
  const lines = untold.map((question) => `  ${question}\n`).join('');
  return `not all keys of these can be listed; every answer that they may give was tried:\n${lines}`;
}

/** An audit for programs: `certrelay/audit@1`. */
export function auditDocument(report: AuditReport) {
  const { server, service, postfix, question, audit, ways, unreached, idle, demands, findings, problems } = report;
  const { relay, limited, paths, untold, fatal } = audit;
  return {
    schema: 'certrelay/audit@1',
    ...{ server, service, postfix, for: question },
    // Of other questions than "who can relay", this word would mislead.
    ...(question === 'relay' ? { relay } : { anybody: relay }),
    ...{ limited, paths },
    ...(fatal === undefined ? {} : { fatal }),
    ways: ways.map(wayDocument),
    unreached: unreached.map(elementDocument),
    idle: idle.map(elementDocument),
    untold,
    ...(demands === undefined ? {} : { expectations: demandsDocument(demands) }),
    findings: findings.map(findingDocument),
    assumed: report.assumed,
    problems,
  };
}

function wayDocument({ way, by, beside, shown }: ReportedWay) {
  const { title, reason, entries, conditions, assumptions, open, openIf, bounded, paths } = way;
  return {
    title,
    by: by === undefined ? null : elementDocument(by),
    beside: beside.map(elementDocument),
    question: reason?.question ?? null,
    entries: entries ?? null,
    conditions: conditionsDocument(conditions),
    assumptions: assumptions.map(({ fact, supply, answer, chosenBy }) => ({ fact, supply, answer, chosenBy })),
    anybody: open !== undefined ? 'yes' : openIf !== undefined ? 'if others say so' : 'no',
    namedRecipientsOnly: bounded,
    paths: paths.length,
    witness: shownDocument(shown),
  };
}
