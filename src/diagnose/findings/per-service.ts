import type { Span } from '../../lib/problem.ts';
import type { Evidence, ServerEvidence, ServiceEvidence } from '../evidence/evidence.ts';
import { whereSet } from '../evidence/where.ts';
import type { Occurrence } from './finding.ts';

/**
 * The occurrences of each SMTP server. What a later service shares with an earlier one is said once; what is its own
 * names it.
 */
export function perService(
  { server }: Evidence,
  test: (server: ServerEvidence, service: ServiceEvidence) => readonly Occurrence[],
): readonly Occurrence[] {
  if (server === undefined) return [];
  const said = new Set<string>();
  return server.services.flatMap((service) =>
    test(server, service).flatMap((occurrence) => {
      const { message, where } = occurrence;
      const key = JSON.stringify([message, where]);
      if (said.has(key)) return [];
      said.add(key);
      return service === server.services[0] ? occurrence : { ...occurrence, service: service.name };
    }),
  );
}

/** Where a parameter in force was set, as a field of an occurrence; none for a default. */
export function at(
  server: ServerEvidence,
  service: ServiceEvidence,
  parameter: string,
  word?: string,
): { readonly parameter: string; readonly where?: Span } {
  const where = whereSet(server, service.config, parameter, word);
  return { parameter, ...(where === undefined ? {} : { where }) };
}

/** `decisive`, where a session of this service failed that met a condition. */
export function decisiveFor(
  { replays }: Evidence,
  service: ServiceEvidence,
  met: (replay: Evidence['replays'][number]) => boolean,
): { readonly decisive?: true } {
  const failed = replays.some(
    (replay) => replay.service === service && replay.verdict.verdict === 'reject' && met(replay),
  );
  return failed ? { decisive: true } : {};
}
