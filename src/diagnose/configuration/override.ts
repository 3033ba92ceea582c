import type { ServiceEvidence } from '../evidence/evidence.ts';

/** The master.cf entry (`submission/inet`) whose -o sets a parameter; undefined where main.cf or nobody does. */
export function overrideOf({ config, name, service }: ServiceEvidence, parameter: string): string | undefined {
  if (config.origin(parameter).kind !== 'master.cf' || service === undefined) return undefined;
  return `${name}/${service.type}`;
}
