import { type Presented, unlistedCertificate } from '../../policy/identities/sessions.ts';
import type { Digest } from '../../x509/algorithms.ts';
import type { LedgerState } from '../ledger/ledger-state.ts';
import { digestOf, isListed, type ListedLine } from '../ledger/listed-lines.ts';
import { isHostName, readHostName } from '../settings/host-name.ts';
import type { Intention } from './difference.ts';
import type { Identity } from './expectations.ts';

/** Lines of an earlier map by what must become of those who present what they list. */
export interface ListedIdentities {
  readonly admitted: readonly Identity[];
  readonly excluded: readonly Identity[];
}

interface Situation {
  readonly ledger: LedgerState;
  readonly digest: Digest;
}

/** A line in another digest than the map's admits nobody; `status` says so, and no session can show it. */
export function listedIdentities({ ledger, digest }: Situation): ListedIdentities {
  if (ledger.listed.length === 0) return { admitted: [], excluded: [] };
  const lines = ledger.listed.filter(({ fingerprint }) => digestOf(fingerprint) === digest);
  const certificates = new Set(ledger.certificates.map(({ fingerprint }) => fingerprint[digest]));
  return {
    admitted: lines.filter(isListed).map((line) => identityOf(line, digest, untrusted)),
    // A certificate that was found stands for its line, and is judged as what it is.
    excluded: lines
      .filter((line) => !isListed(line) && !certificates.has(line.fingerprint))
      .map((line) => identityOf(line, digest, untrusted)),
  };
}

/**
 * What a step means for those lines. One that is in force is to stay so: an exchange of the digest would end it without
 * anybody having said so, for its certificate is not known in another digest.
 */
export function listedIntentions(before: Situation, after: Situation): readonly Intention[] {
  if (after.ledger.listed.length === 0) return [];
  const then = new Set(before.ledger.listed.filter(isListed).map(({ fingerprint }) => fingerprint));
  const certificates = new Set(after.ledger.certificates.map(({ fingerprint }) => fingerprint[before.digest]));
  return after.ledger.listed
    .filter(({ fingerprint }) => digestOf(fingerprint) === before.digest && !certificates.has(fingerprint))
    .map((line) => ({
      identity: identityOf(line, before.digest, untrusted),
      before: then.has(line.fingerprint),
      after: isListed(line),
    }));
}

/** How a server sees the certificate that a line lists. */
interface Seen {
  /** True: it verifies against the server's CAs. */
  readonly trusted: boolean;
  /** True: the line lists the public key, not the certificate. */
  readonly byKey?: boolean;
}

// Whoever issued the certificates of an earlier map need not be known to the server.
const untrusted: Seen = { trusted: false };

// Made once: a map may have a hundred thousand lines.
const unlisted = { trusted: unlistedCertificate(true, ''), untrusted: unlistedCertificate(false, '') };

/** A client that shows what a line of relay_clientcerts lists, and nothing else that any line could. */
export function identityOf(
  { holder, fingerprint }: Pick<ListedLine, 'holder' | 'fingerprint'>,
  digest: string,
  { trusted, byKey = false }: Seen,
): Identity {
  const name = readHostName(holder);
  const others = trusted ? unlisted.trusted : unlisted.untrusted;
  const listed = { [digest]: fingerprint };
  // In the digest that the map is in and no other: reading five of each takes longer than deciding.
  const other = (set: Presented['fingerprint']) => ({ [digest]: set[digest] ?? '' });
  return {
    // The name a session may use; the fingerprint identifies the client.
    client: isHostName(name) ? name.name : 'client.example',
    serial: fingerprint,
    certificate: {
      ...{ trusted, subject: holder, issuer: others.issuer },
      fingerprint: byKey ? other(others.fingerprint) : listed,
      publicKeyFingerprint: byKey ? listed : other(others.publicKeyFingerprint),
    },
  };
}
