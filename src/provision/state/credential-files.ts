import { toPem } from '../../x509/pem.ts';
import { type CertificateState, currentCertificate, isLive, isOurs, type LedgerState } from '../ledger/ledger-state.ts';
import { authorityCertificatePath, hostPath } from '../ledger/paths.ts';
import {
  authorityFile,
  certificateNames,
  hasOwnCertificate,
  rolesOf,
  serverAuthorityFile,
} from '../render/certificate-names.ts';
import { databaseAuthorityFile } from '../render/database-table.ts';
import type { Inventory } from '../settings/types.ts';

/** A file of the state with its whole content. */
export interface StateFile {
  readonly to: string;
  readonly mode: number;
  readonly content: string;
}

/**
 * Every file that is derived from ledger and keys and is no template: certificates, chains and the authority's bundle; of the hosts that are
 * meant. `key` yields the private key of a certificate, given the path at which its host has it, for the chain file; where there is
 * none, the chain file is left out.
 */
export function credentialFiles(
  inventory: Inventory,
  ledger: LedgerState,
  isMeant: (name: string) => boolean,
  key: (path: string, certificate: CertificateState) => string | undefined,
): readonly StateFile[] {
  const bundle = ledger.authorities
    .filter(isLive)
    .map(({ certificate }) => pemOf(certificate))
    .join('');
  const files: StateFile[] = [{ to: authorityCertificatePath, mode: 0o644, content: bundle }];
  const names = new Set([...inventory.servers, ...inventory.clients].map(({ name }) => name));
  for (const name of [...names].filter(isMeant)) {
    const roles = rolesOf(inventory, name);
    files.push({ to: hostPath(name, authorityFile), mode: 0o644, content: bundle });
    if (roles.includes('client') && inventory.settings.serverCa !== undefined) {
      files.push({ to: hostPath(name, serverAuthorityFile), mode: 0o644, content: inventory.settings.serverCa });
    }
    if (roles.includes('server') && inventory.settings.databaseCa !== undefined) {
      files.push({ to: hostPath(name, databaseAuthorityFile), mode: 0o644, content: inventory.settings.databaseCa });
    }
    for (const role of roles) {
      const certificate = currentCertificate(ledger, name, role);
      if (certificate === undefined || !isOurs(certificate) || !hasOwnCertificate(inventory.settings, role)) continue;
      const own = certificateNames(name, role, roles);
      const pem = pemOf(certificate.certificate);
      const keyPem = key(hostPath(name, own.key), certificate);
      files.push({ to: hostPath(name, own.certificate), mode: 0o644, content: pem });
      // Key first: Postfix reads chain files pair by pair (postconf(5), smtpd_tls_chain_files).
      if (keyPem !== undefined) files.push({ to: hostPath(name, own.chain), mode: 0o600, content: keyPem + pem });
    }
  }
  return files;
}

function pemOf(certificate: string): string {
  return toPem('CERTIFICATE', Buffer.from(certificate, 'base64'));
}
