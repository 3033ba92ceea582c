import type { Evidence } from '../evidence/evidence.ts';
import { type Finding, type FindingRow, type Severity, severities } from './finding.ts';
import { findings as registry } from './index.ts';

/**
 * Everything that is wrong, or will be, with what was given. First comes what made a session fail, then errors before
 * warnings before notes, then the order of the registry: what lies nearer to the start of a session first.
 */
export function diagnose(evidence: Evidence, rows: readonly FindingRow[] = registry): readonly Finding[] {
  const found = rows.flatMap(({ id, severity, title, doc, test }, order) =>
    test(evidence).map((occurrence) => ({ order, finding: { id, title, doc, severity, ...occurrence } })),
  );
  return found.sort((a, b) => rank(a.finding) - rank(b.finding) || a.order - b.order).map(({ finding }) => finding);
}

function rank({ severity, decisive }: Finding): number {
  return severities.indexOf(severity) * 2 + (decisive === true ? 0 : 1);
}

/** The findings of a severity and of those above it. */
export function withSeverity(findings: readonly Finding[], level: Severity): readonly Finding[] {
  return findings.filter(({ severity }) => severities.indexOf(severity) <= severities.indexOf(level));
}
