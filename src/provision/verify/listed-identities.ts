import { unlistedCertificate } from '../../policy/identities/sessions.ts';
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
    admitted: lines.filter(isListed).map((line) => identity(line, digest)),
    // A certificate that was found stands for its line, and is judged as what it is.
    excluded: lines
      .filter((line) => !isListed(line) && !certificates.has(line.fingerprint))
      .map((line) => identity(line, digest)),
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
      identity: identity(line, before.digest),
      before: then.has(line.fingerprint),
      after: isListed(line),
    }));
}

// Made once: a map may have a hundred thousand lines.
const nobody = unlistedCertificate(false, '');

function identity({ holder, fingerprint }: ListedLine, digest: Digest): Identity {
  const name = readHostName(holder);
  return {
    // What a session may be called by; the fingerprint tells who is meant.
    client: isHostName(name) ? name.name : 'client.example',
    serial: fingerprint,
    certificate: {
      ...nobody,
      subject: holder,
      // In the digest that the map is in and no other: reading five of each takes longer than deciding.
      fingerprint: { [digest]: fingerprint },
      publicKeyFingerprint: { [digest]: nobody.publicKeyFingerprint[digest] ?? '' },
    },
  };
}
