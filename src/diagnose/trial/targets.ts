import { overTls, type Presented, sessionOf, unlistedCertificate } from '../../policy/identities/sessions.ts';
import type { Conversation } from '../../policy/smtpd/dialogue/conversation.ts';
import { readConversation } from '../../policy/smtpd/dialogue/read-conversation.ts';
import { digestOfLength, fingerprintShape } from '../../x509/fingerprint-text.ts';
import { relayTables, tableLines } from '../configuration/certificate-use.ts';
import { certificatePermits } from '../configuration/elements.ts';
import type { Evidence, Replay, ServiceEvidence } from '../evidence/evidence.ts';
import { foreignAddress } from './listed-client.ts';
import { mainCfPermitsCertificates } from './relay-refusal.ts';

/** A session that a repair has to let through. */
export interface RepairTarget {
  readonly name: string;
  readonly service: ServiceEvidence;
  readonly conversation: Conversation;
  /** What must hold for this to be a session of the log, as the end of "if …"; absent: nothing. */
  readonly condition?: string;
}

/** The sessions that were refused, as the log or the options tell them. */
export function refusedTargets({ replays }: Evidence): readonly RepairTarget[] {
  return replays
    .filter(({ verdict }) => verdict.verdict === 'reject' || verdict.verdict === 'fatal')
    .map(({ name, service, conversation }) => ({ name, service, conversation }));
}

/**
 * Clients that the server evidently means to let in: one with the first fingerprint of relay_clientcerts, and one with
 * each certificate that was given.
 */
export function intendedTargets({ server, certificates, log }: Evidence): readonly RepairTarget[] {
  const service = server?.services[0];
  if (server === undefined || service === undefined) return [];
  if (certificatePermits(service.config).length === 0 && !mainCfPermitsCertificates(server)) return [];
  const unlisted = unlistedCertificate(false, 'authority');
  const [first] = relayTables(server, service)
    .flatMap(({ source }) =>
      source === undefined ? [] : tableLines(source).map((each) => ({ ...each, file: source.file })),
    )
    .flatMap(({ key, value, file, line }) => {
      const shape = fingerprintShape(key);
      if (shape.kind === 'none') return [];
      const fingerprint = shape.kind === 'fingerprint' ? key.toUpperCase() : shape.should;
      return { fingerprint, value: value || key, where: `${file}:${line}` };
    });
  const byMap: readonly (readonly [string, Presented, string])[] =
    first === undefined
      ? []
      : [
          [
            `a client with the certificate ${first.value}`,
            {
              ...unlisted,
              subject: '',
              fingerprint: {
                ...unlisted.fingerprint,
                [digestOfLength(first.fingerprint) ?? 'sha256']: first.fingerprint,
              },
            },
            `its certificate is the one listed in ${first.where}`,
          ],
        ];
  const given = certificates.flatMap(({ file, chain }) => {
    const facts = chain[0];
    if (facts === undefined || facts.isCA) return [];
    const { subject, issuer, fingerprint, publicKeyFingerprint } = facts;
    const shown: Presented = {
      ...{ trusted: false, subject, issuer },
      fingerprint: { ...fingerprint },
      publicKeyFingerprint: { ...publicKeyFingerprint },
    };
    return [[`a client with the certificate in ${file}`, shown, `its certificate is the one in ${file}`] as const];
  });
  const address = foreignAddress(service.config);
  return [...byMap, ...given].map(([name, certificate, condition]) => ({
    ...{ name, service },
    // No log, no session that it could be.
    ...(log === undefined ? {} : { condition }),
    conversation: readConversation(sessionOf({ address, tls: overTls(certificate) }), undefined),
  }));
}

/** At most so many sessions are candidates; they represent the others. */
const mostCandidates = 12;

/**
 * The sessions of a log that a repair should consider: a server is right to refuse most of what it refuses. These are
 * sessions of a client whose own log was given, with a listed certificate, or described by hand; without any, those
 * that showed a certificate.
 */
export function repairCandidates(replays: readonly Replay[]): readonly Replay[] {
  const own = replays.filter(
    ({ session, delivery, listed }) => session === undefined || delivery !== undefined || listed !== undefined,
  );
  const shown = replays.filter(({ conversation }) => conversation.tls?.certificate !== undefined);
  return (own.length > 0 ? own : shown).slice(0, mostCandidates);
}
