import type { Finding } from '../../diagnose/findings/finding.ts';
import type { Repair } from '../../diagnose/repair/repair.ts';
import { withoutPlaceholders } from '../../lib/placeholder-fingerprint.ts';

/** A finding for programs: one element of `findings` in a JSON document. */
export function findingDocument(finding: Finding): Readonly<Record<string, unknown>> {
  const { id, severity, title, message, why, repair, where, parameter, service, decisive } = finding;
  return {
    ...{ id, severity, title, message, why, repair },
    ...(where === undefined ? {} : { where }),
    ...(parameter === undefined ? {} : { parameter }),
    ...(service === undefined ? {} : { service }),
    decisive: decisive === true,
    documentation: `docs/findings.md#${id}`,
  };
}

/** A repair for programs: one element of `repairs`. `offered` is false where it lets in anybody else. */
export function repairDocument(repair: Repair): Readonly<Record<string, unknown>> {
  const {
    finding,
    title,
    edits,
    commands,
    diff,
    sessions,
    conditions,
    letsIn,
    shutsOut,
    complete,
    how,
    preferred,
    why,
  } = repair;
  return {
    ...{ finding, title, edits, commands, diff, sessions, conditions, preferred },
    offered: letsIn.length === 0,
    ...withoutPlaceholders({ letsIn, shutsOut }),
    ...{ complete, how, why },
  };
}
