import type { Problem } from '../../lib/problem.ts';
import type { Digest, FingerprintSet } from '../../x509/algorithms.ts';
import type { LedgerEvent, Moment, Origin } from '../settings/types.ts';
import type { ListedLine } from './listed-lines.ts';

export type Role = 'authority' | 'server' | 'client';

/** One certificate as the ledger tells it. Every time is an ISO 8601 UTC string; the first event of a kind counts. */
export interface CertificateState {
  /** Host name, or the authority's common name. */
  readonly holder: string;
  readonly role: Role;
  /** Lower-case hex without separators; unique in a ledger. */
  readonly serial: string;
  readonly issued: string;
  readonly notBefore: string;
  readonly notAfter: string;
  /** One of the inventory's key types; of a key made elsewhere, possibly the description of another. */
  readonly keyType: string;
  readonly fingerprint: FingerprintSet;
  readonly publicKeyFingerprint: FingerprintSet;
  /** Base64 of the DER. */
  readonly certificate: string;
  /** Absent: issued with a key that certrelay made. */
  readonly origin?: Origin;
  /** The file or folder outside the state that holds it, or held it last; absent: it was given once. */
  readonly source?: string;
  /** Serial numbers of those whose place it took there. */
  readonly replaces?: readonly string[];
  /** Serial number of the authority that issued it; undefined for an authority, and for what came from elsewhere. */
  readonly issuer: string | undefined;
  /** Seconds; see the event. */
  readonly overlap: number | undefined;
  /** When its fingerprint entered the servers' maps (a client's), or trust in it began. */
  readonly admitted: string | undefined;
  /** When the files of its host became its files; an authority's, when it began to issue. */
  readonly handed: string | undefined;
  /** When it was known to be in use on its host. */
  readonly deployed: string | undefined;
  readonly retired: string | undefined;
  readonly revoked: string | undefined;
  /** Positions in the order of what happened, to be compared with each other; times cannot be, for clocks are set back. */
  readonly order: Readonly<Partial<Record<Moment, number>>>;
}

/** When a host was last known to have the files of its folder. */
export interface Installed {
  readonly at: string;
  /** Comparable with the orders of certificates. */
  readonly order: number;
}

/** The last publication to a database. */
export interface Published extends Installed {
  /** The identity of the table. */
  readonly table: string;
  /** How many events there were then, its own included. */
  readonly position: number;
}

/** The exchange of the maps' digest that was begun last, whether or not it is over. */
export interface DigestExchange {
  readonly from: Digest;
  readonly to: Digest;
  readonly overlap: number;
  readonly admitted: Installed;
  readonly handed: Installed | undefined;
  readonly retired: Installed | undefined;
}

/** What is, worked out from what happened. Lists are in the order of issue. */
export interface LedgerState {
  readonly certificates: readonly CertificateState[];
  readonly authorities: readonly CertificateState[];
  /** All end-entity certificates of a host, of one role when it is given. */
  of(holder: string, role?: 'server' | 'client'): readonly CertificateState[];
  /** Names of hosts that ever had an end-entity certificate, in order of first issue. */
  readonly holders: readonly string[];
  readonly serials: ReadonlySet<string>;
  /** By host: when it was last known to have its files. */
  readonly installed: ReadonlyMap<string, Installed>;
  readonly digestExchange: DigestExchange | undefined;
  readonly published: Published | undefined;
  /** When the map went into a database, or back into files, of a set-up that was there before. */
  readonly tableMoved: Installed | undefined;
  /** Lines of a map from elsewhere that name a fingerprint, whether or not they are still in force. */
  readonly listed: readonly ListedLine[];
  /** Its lines that mean nothing to Postfix, as they were. */
  readonly kept: readonly string[];
  /** The time of the last event, the latest that the clock is known to have shown. */
  readonly latest: string | undefined;
  /** How many events led to it. */
  readonly events: number;
  /** Events that contradict those before them; a ledger written by certrelay has none. */
  readonly problems: readonly Problem[];
  /** The state after more events; this one stays as it is. A fleet's ledger is long, and a run adds little to it. */
  after(events: readonly LedgerEvent[]): LedgerState;
}

/** Neither retired nor revoked; whether it has expired is a question for a clock. */
export function isLive(certificate: CertificateState): boolean {
  return certificate.retired === undefined && certificate.revoked === undefined;
}

/** The fingerprint belongs into the servers' maps. */
export function isAdmitted(certificate: CertificateState): boolean {
  return certificate.admitted !== undefined && isLive(certificate);
}

/** Its files, if it has any, are those of its host. */
export function isHanded(certificate: CertificateState): boolean {
  return certificate.handed !== undefined && isLive(certificate);
}

/** certrelay makes the files of such a certificate; others lie where their owner keeps them. */
export function isOurs({ origin }: Pick<CertificateState, 'origin'>): boolean {
  return origin !== 'elsewhere';
}

/**
 * The certificate of a host in one role: the newest live one that was handed over, else the newest live one. While a
 * rotation is under way it is the one in the host's folder.
 */
export function currentCertificate(
  state: LedgerState,
  holder: string,
  role: 'server' | 'client',
): CertificateState | undefined {
  const all = state.of(holder, role);
  const [only] = all;
  // Nearly every host has one, and a fleet's are asked for many times.
  if (all.length === 1) return only !== undefined && isLive(only) ? only : undefined;
  const live = all.filter(isLive);
  return live.findLast((one) => isHanded(one) && isOurs(one)) ?? live.findLast(isOurs) ?? live.at(-1);
}

/** The authority that issues: the newest live one that was handed over, else the newest live one. */
export function currentAuthority(state: LedgerState): CertificateState | undefined {
  return state.authorities.findLast(isHanded) ?? state.authorities.findLast(isLive);
}
