import type { Evidence } from '../evidence/evidence.ts';
import type { LoggedTrouble } from '../maillog/session.ts';

/** Every line of the log that reports trouble, of sessions and of daemons, not in order of time. */
function troubleLines({ log }: Evidence): readonly LoggedTrouble[] {
  if (log === undefined) return [];
  return [
    ...log.servers.flatMap(({ trouble }) => trouble),
    ...log.deliveries.flatMap(({ trouble }) => trouble),
    ...log.trouble,
  ];
}

/** The first of them that a pattern finds. */
export function troubleLine(evidence: Evidence, pattern: RegExp): LoggedTrouble | undefined {
  return troubleLines(evidence).find(({ text }) => pattern.test(text));
}
