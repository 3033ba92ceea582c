import { type CertificateState, isLive, isOurs, type LedgerState } from '../ledger/ledger-state.ts';

/**
 * Where a certificate stands: `issued` and nothing more; `admitted` beside the one before it; `handed` over and not known to
 * be in use; `in-use`; `replaced` by one that was handed over, and admitted until the overlap is over; `retired`;
 * `revoked`. A certificate from elsewhere is `admitted` until it is known to be in use. Whether it has expired is a question
 * for a clock.
 */
export type CertificateStage = 'issued' | 'admitted' | 'handed' | 'in-use' | 'replaced' | 'retired' | 'revoked';

/** How far a certificate has come; whether it has expired is a question for a clock. */
export function certificateStage(certificate: CertificateState, ledger: LedgerState): CertificateStage {
  const { admitted, handed, deployed, retired, revoked } = certificate;
  if (revoked !== undefined) return 'revoked';
  if (retired !== undefined) return 'retired';
  if (isReplaced(certificate, ledger)) return 'replaced';
  if (deployed !== undefined) return 'in-use';
  if (handed !== undefined) return 'handed';
  return admitted === undefined ? 'issued' : 'admitted';
}

/** Another of the same host and role, or another authority, was handed over after it. */
function isReplaced(certificate: CertificateState, ledger: LedgerState): boolean {
  const { holder, role, order, serial } = certificate;
  const others = role === 'authority' ? ledger.authorities : ledger.of(holder, role);
  if (!isOurs(certificate)) return others.some((other) => isLive(other) && other.replaces?.includes(serial) === true);
  const later = order.handed ?? 0;
  return others.some((other) => other.revoked === undefined && (other.order.handed ?? 0) > later && later > 0);
}
