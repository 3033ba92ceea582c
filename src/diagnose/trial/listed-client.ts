import { placeholderFingerprint } from '../../lib/placeholder-fingerprint.ts';
import {
  foreignAddresses,
  outsideRecipients,
  overTls,
  type SessionInput,
  sessionOf,
} from '../../policy/identities/sessions.ts';
import { alteredConfig } from '../../policy/postfix/altered.ts';
import type { PostfixConfig, Table } from '../../policy/postfix/config.ts';
import type { Verdict } from '../../policy/smtpd/lists/verdict.ts';
import { decisiveReply } from '../../policy/smtpd/lists/verdict.ts';
import type { Place } from '../../policy/smtpd/questions/place.ts';
import type { ServiceEvidence } from '../evidence/evidence.ts';
import { presumedTrial } from './trial.ts';

const digest = 'sha256';
const fingerprint = placeholderFingerprint(digest, 0xa0);
const spec = 'the list of the client that is tried';

const listed: Table = {
  spec,
  fixed: true,
  find: (key) => (key.toUpperCase() === fingerprint ? 'listed' : undefined),
  warnings: [],
};

/**
 * The same server with its certificates in order: TLS works, it asks for a certificate, and the client's is trusted
 * and listed. What still refuses that client is the lists.
 */
function certificatesInOrder(server: PostfixConfig): PostfixConfig {
  return alteredConfig(server, (config) => ({
    get(name) {
      if (name === 'smtpd_tls_fingerprint_digest') return digest;
      if (name === 'relay_clientcerts') return spec;
      if (name === 'smtpd_tls_security_level' && !/^(?:may|encrypt)$/i.test(config.get(name))) return 'may';
      if (name === 'smtpd_tls_CAfile' || name === 'smtpd_tls_cert_file') return '/presumed';
      return config.get(name);
    },
    boolean: (name) => name === 'smtpd_tls_ask_ccert' || config.boolean(name),
    tables: (name) => (name === 'relay_clientcerts' ? [listed] : config.tables(name)),
  }));
}

const known = new WeakMap<ServiceEvidence, Verdict>();

/** What a service says to an outside recipient of a client whose certificate is beyond doubt. */
export function listedClient(service: ServiceEvidence): Verdict {
  const before = known.get(service);
  if (before !== undefined) return before;
  const trial = presumedTrial(service.sources, certificatesInOrder);
  const verdict = trial.play(sessionOfListedClient(foreignAddress(trial.config)));
  known.set(service, verdict);
  return verdict;
}

function sessionOfListedClient(address: string): SessionInput {
  const certificate = {
    trusted: true,
    subject: 'client.example',
    issuer: 'authority',
    fingerprint: { [digest]: fingerprint },
    publicKeyFingerprint: { [digest]: placeholderFingerprint(digest, 0x50) },
  };
  return sessionOf({ address, tls: overTls(certificate), to: outsideRecipients[0] });
}

/** An address that is in none of the server's own networks. */
export function foreignAddress(config: PostfixConfig): string {
  const networks = config.matchList('mynetworks');
  const outside = foreignAddresses.find((address) => networks.matchClient('unknown', address) === false);
  return outside ?? foreignAddresses[0] ?? '192.0.2.77';
}

/** The element that refuses such a client; undefined when none does, or when one only cannot make up its mind (451). */
export function refuserOf(verdict: Verdict): Place | undefined {
  const reply = decisiveReply(verdict.replies);
  return verdict.verdict === 'reject' && reply?.reply.code !== 451 ? reply?.decidedBy[0] : undefined;
}
