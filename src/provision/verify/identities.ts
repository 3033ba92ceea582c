import type { Presented } from '../../policy/identities/sessions.ts';
import { type Digest, digests, type FingerprintSet } from '../../x509/algorithms.ts';
import { type CertificateState, isAdmitted, isLive, type LedgerState } from '../ledger/ledger-state.ts';
import { isListed } from '../ledger/listed-lines.ts';
import type { Inventory } from '../settings/types.ts';
import type { Intention } from './difference.ts';
import type { Identity } from './expectations.ts';
import { listedIdentities, listedIntentions } from './listed-identities.ts';

/** The clients' certificates by what must become of them. */
export interface Identities {
  readonly admitted: readonly Identity[];
  readonly excluded: readonly Identity[];
  readonly issuer: string;
}

type Wanted = Pick<Inventory, 'clients' | 'settings' | 'authority'>;

/** The digests in which sessions show certificates; a map is looked up in one, and a fleet's sessions are many. */
export type Shown = readonly Digest[];

/**
 * Every admitted certificate of every client, and every revoked or retired one. A retired certificate whose key an admitted
 * one has kept is let in by that key where keys are listed, so it is not among the excluded; a revoked one always is.
 */
export function clientIdentities(inventory: Wanted, ledger: LedgerState, shown: Shown = digests): Identities {
  const issuer = ledger.authorities.findLast(isLive)?.holder ?? inventory.authority.name;
  const lines = listedIdentities({ ledger, digest: inventory.settings.digest });
  const ended = ledger.certificates.filter((one) => one.role === 'client' && !isLive(one));
  const mayRelay = ended.length === 0 ? undefined : listedBy(inventory, ledger);
  const excluded = ended.filter((one) => one.revoked !== undefined || mayRelay?.(one) === false);
  const identify = (one: CertificateState) => identity(one, issuer, shown);
  return {
    issuer,
    admitted: [...admittedOf(inventory, ledger).map(identify), ...lines.admitted],
    excluded: [...excluded.map(identify), ...lines.excluded],
  };
}

/**
 * Every client certificate that the ledger ever knew, with what the step means for it; where `among` is given, those with one of these
 * fingerprints, of certificates or keys: with whomever they share either, he is among them.
 */
export function intentions(
  before: { readonly inventory: Wanted; readonly ledger: LedgerState },
  after: { readonly inventory: Wanted; readonly ledger: LedgerState },
  shown: Shown = digests,
  among?: ReadonlySet<string>,
): readonly Intention[] {
  const issuer = after.inventory.authority.name;
  const isMeant = ({ role, fingerprint, publicKeyFingerprint }: CertificateState): boolean =>
    role === 'client' && (among === undefined || among.has(fingerprint.sha1) || among.has(publicKeyFingerprint.sha1));
  const mayBefore = listedBy(before.inventory, before.ledger, among && isMeant);
  const mayAfter = listedBy(after.inventory, after.ledger, among && isMeant);
  const found: Intention[] = [];
  for (const one of after.ledger.certificates) {
    if (!isMeant(one)) continue;
    found.push({ identity: identity(one, issuer, shown), before: mayBefore(one), after: mayAfter(one) });
  }
  const lines = listedIntentions(
    { ledger: before.ledger, digest: before.inventory.settings.digest },
    { ledger: after.ledger, digest: after.inventory.settings.digest },
  );
  return [...found, ...lines];
}

function admittedOf({ clients }: Wanted, ledger: LedgerState): readonly CertificateState[] {
  const admitted: CertificateState[] = [];
  for (const { name } of clients) for (const one of ledger.of(name, 'client')) if (isAdmitted(one)) admitted.push(one);
  return admitted;
}

/** The same of a few: they are looked for among the certificates, and their holders among the clients. */
function admittedAmong(
  { clients }: Wanted,
  ledger: LedgerState,
  isMeant: (certificate: CertificateState) => boolean,
): readonly CertificateState[] {
  const found = ledger.certificates.filter((one) => isMeant(one) && isAdmitted(one));
  return found.filter(({ holder }) => clients.some(({ name }) => name === holder));
}

/**
 * Whether a certificate is let in by intention: admitted itself, or by the key of one that is, where keys are listed. Only those
 * that are meant will be asked about.
 */
function listedBy(
  inventory: Wanted,
  ledger: LedgerState,
  isMeant?: (certificate: CertificateState) => boolean,
): (certificate: CertificateState) => boolean {
  const { pin, digest } = inventory.settings;
  const admitted = isMeant === undefined ? admittedOf(inventory, ledger) : admittedAmong(inventory, ledger, isMeant);
  const certificates = new Set(pin === 'public-key' ? [] : admitted.map((one) => one.fingerprint.sha256));
  const keys = new Set(pin === 'certificate' ? [] : admitted.map((one) => one.publicKeyFingerprint.sha256));
  // A line of an earlier map may list either.
  const lines = new Set(ledger.listed.filter(isListed).map(({ fingerprint }) => fingerprint));
  return (one) =>
    certificates.has(one.fingerprint.sha256) ||
    keys.has(one.publicKeyFingerprint.sha256) ||
    lines.has(one.fingerprint[digest]) ||
    lines.has(one.publicKeyFingerprint[digest]);
}

function identity(state: CertificateState, issuer: string, shown: Shown): Identity {
  return new KnownIdentity(state, issuer, shown);
}

/** What is shown of a certificate is put together when somebody looks: of ten thousand most are looked at once, for a moment. */
class KnownIdentity implements Identity {
  private readonly state: CertificateState;
  private readonly issuer: string;
  private readonly shown: Shown;

  constructor(state: CertificateState, issuer: string, shown: Shown) {
    this.state = state;
    this.issuer = issuer;
    this.shown = shown;
  }

  get client(): string {
    return this.state.holder;
  }

  get serial(): string {
    return this.state.serial;
  }

  get certificate(): Presented {
    const { holder, origin, fingerprint, publicKeyFingerprint } = this.state;
    // The servers trust the authority's own certificates; whoever issued others need not be known to them.
    const trusted = origin === undefined || origin === 'request';
    return {
      ...{ trusted, subject: holder, issuer: trusted ? this.issuer : 'some other authority' },
      fingerprint: only(fingerprint, this.shown),
      publicKeyFingerprint: only(publicKeyFingerprint, this.shown),
    };
  }
}

function only(fingerprints: FingerprintSet, shown: Shown): Readonly<Record<string, string>> {
  if (shown.length === digests.length) return fingerprints;
  const some: Record<string, string> = {};
  for (const digest of shown) some[digest] = fingerprints[digest];
  return some;
}
