import type { CertificateFacts } from '../../x509/facts.ts';
import { type CertificateState, isLive, type LedgerState } from '../ledger/ledger-state.ts';
import type { Inventory, LedgerEvent, Origin } from '../settings/types.ts';

/**
 * Certificates whose birth was interrupted between its two events: issued, never admitted, and their holder has no
 * other. (Where it has another, a rotation is under way, and admitting is its business.)
 */
export function unadmitted({ servers, clients }: Inventory, ledger: LedgerState): readonly CertificateState[] {
  const roles = [
    ['server', servers],
    ['client', clients],
  ] as const;
  const lists = roles.flatMap(([role, hosts]) => hosts.map(({ name }) => ledger.of(name, role).filter(isLive)));
  return [ledger.authorities.filter(isLive), ...lists].flatMap(([only, ...others]) =>
    only !== undefined && only.admitted === undefined && others.length === 0 ? [only] : [],
  );
}

/** Its fingerprint enters the servers' maps; `at` is ISO 8601. */
export function admission(at: string, holder: string, serial: string): LedgerEvent {
  return { at, event: 'admitted', holder, serial };
}

/** What the ledger tells of some certificates only. */
export interface Circumstance {
  readonly origin?: Origin;
  /** Seconds. */
  readonly overlap?: number;
  /** The name by which the ledger knows it, where its own serial number is taken. */
  readonly serial?: string;
}

/**
 * A certificate enters the ledger as issued, and admitted at once: the servers must know it before anybody uses it, and
 * a new host has no older one to overlap with.
 */
export function born(
  role: 'authority' | 'server' | 'client',
  holder: string,
  facts: CertificateFacts,
  at: string,
  { origin, overlap, serial = facts.serial }: Circumstance = {},
): LedgerEvent[] {
  const { notBefore, notAfter, fingerprint, publicKeyFingerprint } = facts;
  const certificate = Buffer.from(facts.der).toString('base64');
  return [
    {
      ...{ at, event: 'issued', role, holder, serial, notBefore, notAfter },
      keyType: facts.keyType,
      ...{ fingerprint, publicKeyFingerprint, certificate },
      ...(origin === undefined ? {} : { origin }),
      ...(overlap === undefined ? {} : { overlap }),
    },
    admission(at, holder, serial),
  ];
}
