import { type CertificateState, isAdmitted, isLive, type LedgerState } from '../../inventory/ledger-state.ts';
import { isListed } from '../../inventory/listed-lines.ts';
import type { Inventory } from '../../inventory/types.ts';
import type { Intention } from '../../verify/difference.ts';
import type { Identity } from '../../verify/expectations.ts';
import { listedIdentities, listedIntentions } from './listed-identities.ts';

/** The clients' certificates by what must become of them. */
export interface Identities {
  readonly admitted: readonly Identity[];
  readonly excluded: readonly Identity[];
  readonly issuer: string;
}

type Wanted = Pick<Inventory, 'clients' | 'settings' | 'authority'>;

/**
 * Every admitted certificate of every client, and every revoked or retired one. A retired certificate whose key an admitted
 * one has kept is let in by that key where keys are listed, so it is not among the excluded; a revoked one always is.
 */
export function clientIdentities(inventory: Wanted, ledger: LedgerState): Identities {
  const issuer = ledger.authorities.findLast(isLive)?.holder ?? inventory.authority.name;
  const all = inventory.clients.flatMap(({ name }) => ledger.of(name, 'client'));
  const mayRelay = listedBy(inventory, ledger);
  const lines = listedIdentities({ ledger, digest: inventory.settings.digest });
  const excluded = ledger.certificates.filter(
    (one) => one.role === 'client' && !isLive(one) && (one.revoked !== undefined || !mayRelay(one)),
  );
  return {
    issuer,
    admitted: [...all.filter(isAdmitted).map((one) => identity(one, issuer)), ...lines.admitted],
    excluded: [...excluded.map((one) => identity(one, issuer)), ...lines.excluded],
  };
}

/** Every client certificate that the ledger ever knew, with what the step means for it. */
export function intentions(
  before: { readonly inventory: Wanted; readonly ledger: LedgerState },
  after: { readonly inventory: Wanted; readonly ledger: LedgerState },
): readonly Intention[] {
  const issuer = after.inventory.authority.name;
  const mayBefore = listedBy(before.inventory, before.ledger);
  const mayAfter = listedBy(after.inventory, after.ledger);
  const certificates = after.ledger.certificates
    .filter(({ role }) => role === 'client')
    .map((one) => ({ identity: identity(one, issuer), before: mayBefore(one), after: mayAfter(one) }));
  const lines = listedIntentions(
    { ledger: before.ledger, digest: before.inventory.settings.digest },
    { ledger: after.ledger, digest: after.inventory.settings.digest },
  );
  return [...certificates, ...lines];
}

/** Whether a certificate is let in by intention: admitted itself, or by the key of one that is, where keys are listed. */
function listedBy({ clients, settings }: Wanted, ledger: LedgerState): (certificate: CertificateState) => boolean {
  const admitted = clients.flatMap(({ name }) => ledger.of(name, 'client').filter(isAdmitted));
  const certificates = new Set(settings.pin === 'public-key' ? [] : admitted.map((one) => one.fingerprint.sha256));
  const keys = new Set(settings.pin === 'certificate' ? [] : admitted.map((one) => one.publicKeyFingerprint.sha256));
  // A line of an earlier map may list either.
  const lines = new Set(ledger.listed.filter(isListed).map(({ fingerprint }) => fingerprint));
  const { digest } = settings;
  return (one) =>
    certificates.has(one.fingerprint.sha256) ||
    keys.has(one.publicKeyFingerprint.sha256) ||
    lines.has(one.fingerprint[digest]) ||
    lines.has(one.publicKeyFingerprint[digest]);
}

function identity(one: CertificateState, issuer: string): Identity {
  const { holder, serial, fingerprint, publicKeyFingerprint } = one;
  // The servers trust the authority's own certificates; whoever issued others need not be known to them.
  const trusted = one.origin === undefined || one.origin === 'request';
  return {
    client: holder,
    serial,
    certificate: {
      ...{ trusted, subject: holder, issuer: trusted ? issuer : 'some other authority' },
      ...{ fingerprint, publicKeyFingerprint },
    },
  };
}
