import { readMainCf } from '../../policy/postfix/main-cf.ts';
import { readConfig } from '../../policy/postfix/read-config.ts';
import { type Edit, edited } from '../configuration/edit.ts';
import type { Evidence, ServerEvidence, ServiceEvidence } from '../evidence/evidence.ts';

/** The evidence as it would be with the edits made on the server; logs and replays stay what they were. */
export function evidenceWith(evidence: Evidence, edits: readonly Edit[]): Evidence {
  const { server } = evidence;
  if (server === undefined) return evidence;
  const [first, ...rest] = server.services;
  const services = [serviceWith(first, edits), ...rest.map((service) => serviceWith(service, edits))] as const;
  const text = typeof services[0].sources.mainCf === 'string' ? services[0].sources.mainCf : server.text;
  const tables = server.tables.map((table) => ({
    ...table,
    text: services[0].sources.tables?.[table.path] ?? table.text,
  }));
  const changed: ServerEvidence = {
    ...server,
    ...{ text, services, tables },
    mainCf: readMainCf(text, server.file, server.release.version),
  };
  // The replays are about services as they were; whoever looks at them by service must not find them again.
  return { ...evidence, server: changed, replays: [] };
}

function serviceWith(service: ServiceEvidence, edits: readonly Edit[]): ServiceEvidence {
  const sources = edited(service.sources, edits);
  return { ...service, sources, config: readConfig(sources) };
}
