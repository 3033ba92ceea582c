import { findingDocument } from '../findings/findings-document.ts';
import type { AuditReport, ReportedWay } from './audit.ts';
import { demandsDocument } from './audit-demands.ts';
import { conditionsDocument, elementDocument, shownDocument } from './path-words.ts';

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
