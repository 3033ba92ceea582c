import type { Problem } from '../lib/problem.ts';
import type { FingerprintSet, KeyType, LedgerEvent } from './types.ts';

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
  readonly keyType: KeyType;
  readonly fingerprint: FingerprintSet;
  readonly publicKeyFingerprint: FingerprintSet;
  /** Base64 of the DER. */
  readonly certificate: string;
  /** When its fingerprint entered the servers' maps (a client's), or trust in it began. */
  readonly admitted: string | undefined;
  /** When it was known to be in use on its host. */
  readonly deployed: string | undefined;
  readonly retired: string | undefined;
  readonly revoked: string | undefined;
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
  /** Events that contradict those before them; a ledger written by certrelay has none. */
  readonly problems: readonly Problem[];
}

/** Neither retired nor revoked; whether it has expired is a question for a clock. */
export function isLive(certificate: CertificateState): boolean {
  return certificate.retired === undefined && certificate.revoked === undefined;
}

/** The fingerprint belongs into the servers' maps. */
export function isAdmitted(certificate: CertificateState): boolean {
  return certificate.admitted !== undefined && isLive(certificate);
}

/** The newest live certificate of a host in one role, if there is one. */
export function currentCertificate(
  state: LedgerState,
  holder: string,
  role: 'server' | 'client',
): CertificateState | undefined {
  return state.of(holder, role).findLast(isLive);
}

/** The newest live authority certificate, if there is one. */
export function currentAuthority(state: LedgerState): CertificateState | undefined {
  return state.authorities.findLast(isLive);
}

type Moment = 'admitted' | 'deployed' | 'retired' | 'revoked';

/**
 * Folds events, oldest first, into the state they lead to. An event said twice changes nothing (a run that was
 * killed and completed may repeat it). An event that cannot be, such as one for a serial number never issued,
 * is left out and reported.
 */
export function foldLedger(events: readonly LedgerEvent[], file = 'ledger.jsonl'): LedgerState {
  const bySerial = new Map<string, CertificateState>();
  const problems: Problem[] = [];
  for (const [index, event] of events.entries()) {
    const contradiction = fold(bySerial, event);
    if (contradiction !== undefined) {
      problems.push({
        code: 'ledger-contradiction',
        message: contradiction,
        where: { file, line: index + 1, column: 1 },
      });
    }
  }
  const certificates = [...bySerial.values()];
  const byHolder = new Map<string, CertificateState[]>();
  for (const certificate of certificates) {
    if (certificate.role === 'authority') continue;
    const list = byHolder.get(certificate.holder);
    if (list === undefined) byHolder.set(certificate.holder, [certificate]);
    else list.push(certificate);
  }
  return {
    certificates,
    authorities: certificates.filter(({ role }) => role === 'authority'),
    of(holder, role) {
      const all = byHolder.get(holder) ?? [];
      return role === undefined ? all : all.filter((certificate) => certificate.role === role);
    },
    holders: [...byHolder.keys()],
    serials: new Set(bySerial.keys()),
    problems,
  };
}

/** Applies one event; answers what is wrong with it, if anything. */
function fold(bySerial: Map<string, CertificateState>, event: LedgerEvent): string | undefined {
  const known = bySerial.get(event.serial);
  if (event.event === 'issued') {
    if (known !== undefined) {
      const same =
        known.certificate === event.certificate && known.holder === event.holder && known.role === event.role;
      return same ? undefined : `serial number "${event.serial}" was issued twice`;
    }
    const { at, event: _issued, ...certificate } = event;
    const open: Record<Moment, undefined> = {
      admitted: undefined,
      deployed: undefined,
      retired: undefined,
      revoked: undefined,
    };
    bySerial.set(event.serial, { ...certificate, issued: at, ...open });
    return undefined;
  }
  if (known === undefined) return `serial number "${event.serial}" is ${event.event} but was never issued`;
  if (known.holder !== event.holder) {
    return `serial number "${event.serial}" belongs to "${known.holder}", not to "${event.holder}"`;
  }
  if (event.event === 'admitted' && known.admitted === undefined && !isLive(known)) {
    return `serial number "${event.serial}" is admitted after its end`;
  }
  if (known[event.event] === undefined) bySerial.set(event.serial, { ...known, [event.event]: event.at });
  return undefined;
}
