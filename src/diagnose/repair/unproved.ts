import { isPlaceholder } from '../../lib/placeholder-fingerprint.ts';
import { fingerprintDigest } from '../../policy/smtpd/questions/digest-names.ts';
import { seeCertificate } from '../../x509/fingerprint-text.ts';
import { relayTables } from '../configuration/certificate-use.ts';
import type { Evidence, Replay } from '../evidence/evidence.ts';
import type { Finding } from '../findings/finding.ts';
import { intendedTargets, refusedTargets } from '../trial/targets.ts';
import { trialOf } from '../trial/trial.ts';
import { evidenceWith } from './apply.ts';
import type { Repair } from './repair.ts';
import { proposals } from './search.ts';

/** Why there is no repair although findings say what to change, and what helps. */
export interface Unproved {
  /** Lower case, no full stop. */
  readonly why: string;
  readonly hint: string;
}

const asFindingsSay = 'what the findings say to do stands, without a proof';

/** A session that was refused because its certificate is not listed, and whose log does not show which one it was. */
function isUnseen({ verdict, conversation, service }: Replay): boolean {
  const fingerprint = conversation.tls?.certificate?.fingerprint[fingerprintDigest(service.config)];
  return verdict.verdict === 'reject' && fingerprint !== undefined && isPlaceholder(fingerprint);
}

/** Undefined where there are repairs, or nothing that could be repaired. */
export function unproved(
  evidence: Evidence,
  findings: readonly Finding[],
  repairs: readonly Repair[],
): Unproved | undefined {
  const { server } = evidence;
  const edits = proposals(findings).map((proposal) => proposal.edits);
  if (server === undefined || repairs.length > 0) return undefined;
  if (evidence.replays.some(isUnseen))
    return { why: 'the log does not show which certificate the client showed', hint: seeCertificate };
  if (edits.length === 0) return undefined;
  const [service] = server.services;
  const targets = [...refusedTargets(evidence), ...intendedTargets(evidence)];
  const open = new Set(
    edits.flatMap((each) => {
      const changed = evidenceWith(evidence, each).server?.services ?? [];
      return targets.flatMap((target) => {
        const now = changed[server.services.indexOf(target.service)];
        return now === undefined
          ? []
          : trialOf(now.sources).decideAssumingPermissiveWorld(target.conversation).verdict.missing;
      });
    }),
  );
  const notGiven = relayTables(server, service).filter(
    ({ spec, source }) => source === undefined && service.config.table(spec).opaque === undefined,
  );
  const [table] = notGiven;
  if (table !== undefined) {
    return {
      why: `${table.spec} was not given, and a repair is tried with a client that it lists`,
      hint: `give it to have a repair proved (--table ${table.path}=FILE); ${asFindingsSay}`,
    };
  }
  if (targets.length === 0)
    return { why: 'no client is known that it could be tried with', hint: `give a log or --cert; ${asFindingsSay}` };
  const [first, ...more] = open;
  if (first === undefined)
    return { why: 'no change that the findings propose lets the client in', hint: 'more than one thing is in the way' };
  const others = more.length === 0 ? '' : ` and ${more.length} more`;
  return { why: `whether it helps hangs on ${first}${others}`, hint: `give what is missing; ${asFindingsSay}` };
}
