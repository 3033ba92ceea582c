import { join } from 'node:path';
import {
  type CertificateState,
  currentAuthority,
  currentCertificate,
  type LedgerState,
} from '../../../provision/ledger/ledger-state.ts';
import type { Inventory } from '../../../provision/settings/types.ts';
import { authorityCertificatePath, hostPath } from '../../../provision/state/paths.ts';
import type { HostLine } from '../../../report/set-up.ts';

/** What the report says of the authority and of every host, in the inventory's order. */
export function hostLines(
  { authority, servers, clients }: Inventory,
  ledger: LedgerState,
  before: LedgerState,
  out: string,
): HostLine[] {
  const line = (
    role: HostLine['role'],
    name: string,
    path: string,
    certificate: CertificateState | undefined,
  ): HostLine => ({
    ...{ role, name, path: join(out, path) },
    serial: certificate?.serial ?? '',
    notAfter: certificate?.notAfter ?? '',
    keyType: certificate?.keyType ?? '',
    fingerprint: certificate?.fingerprint ?? {},
    publicKeyFingerprint: certificate?.publicKeyFingerprint ?? {},
    new: certificate !== undefined && !before.serials.has(certificate.serial),
  });
  const ofRole =
    (role: 'server' | 'client') =>
    ({ name }: { readonly name: string }) =>
      line(role, name, hostPath(name, ''), currentCertificate(ledger, name, role));
  return [
    line('authority', authority.name, authorityCertificatePath, currentAuthority(ledger)),
    ...servers.map(ofRole('server')),
    ...clients.map(ofRole('client')),
  ];
}
