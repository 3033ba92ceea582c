import { type CertificateState, isLive, type LedgerState } from '../../inventory/ledger-state.ts';
import type { Inventory, KeyType, LedgerEvent } from '../../inventory/types.ts';
import type { CertificateFacts } from '../../pki/facts.ts';

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

export function admission(at: string, holder: string, serial: string): LedgerEvent {
  return { at, event: 'admitted', holder, serial };
}

/** A certificate enters the ledger as issued, and admitted at once: a new host has no older one to overlap with. */
export function born(
  role: 'authority' | 'server' | 'client',
  holder: string,
  facts: CertificateFacts,
  at: string,
): LedgerEvent[] {
  const { serial, notBefore, notAfter, fingerprint, publicKeyFingerprint } = facts;
  const certificate = Buffer.from(facts.der).toString('base64');
  return [
    {
      ...{ at, event: 'issued', role, holder, serial, notBefore, notAfter },
      // certrelay issued it, so its key type is one of certrelay's.
      keyType: facts.keyType as KeyType,
      ...{ fingerprint, publicKeyFingerprint, certificate },
    },
    admission(at, holder, serial),
  ];
}
