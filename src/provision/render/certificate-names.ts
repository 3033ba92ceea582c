import type { Inventory, Settings } from '../settings/types.ts';
import type { Role } from './view.ts';

/** The authority's certificate (or, while it rolls, its certificates), on every host. */
export const authorityFile = 'cacert.pem';

/** The issuer of a certificate that a server keeps; on clients only, and only then. */
export const serverAuthorityFile = 'server-ca.pem';

/** Where a host's certificate lies, in hosts/<name>/ and in the installation folder. */
export interface CertificateNames {
  readonly certificate: string;
  readonly key: string;
  /** Key first, then certificate: what chain_files wants. */
  readonly chain: string;
}

// An inventory is never changed, only replaced, and a fleet of ten thousand is asked about host by host.
const known = new WeakMap<Inventory, ReadonlyMap<string, readonly Role[]>>();

/** The roles of a host, server first; none for a name that the inventory does not have. */
export function rolesOf(inventory: Inventory, name: string): readonly Role[] {
  const roles = known.get(inventory) ?? allRoles(inventory);
  known.set(inventory, roles);
  return roles.get(name) ?? [];
}

function allRoles({ servers, clients }: Inventory): ReadonlyMap<string, readonly Role[]> {
  const roles = new Map<string, readonly Role[]>(servers.map(({ name }) => [name, ['server']]));
  for (const { name } of clients) roles.set(name, roles.has(name) ? ['server', 'client'] : ['client']);
  return roles;
}

/**
 * File names of a host's certificate in one role: `<name>.crt`, `.key` and `.pem`. A host that is server and client
 * has two certificates in one folder; there the client's are `<name>-client.*`, so that a server that becomes a
 * client too keeps the names that its main.cf already has.
 */
export function certificateNames(name: string, role: Role, roles: readonly Role[]): CertificateNames {
  const stem = role === 'client' && roles.includes('server') ? `${name}-client` : name;
  return { certificate: `${stem}.crt`, key: `${stem}.key`, chain: `${stem}.pem` };
}

/** False where the host shows a certificate from elsewhere that certrelay neither issues nor installs. */
export function hasOwnCertificate(settings: Settings, role: Role): boolean {
  return role === 'client' || settings.serverCert === 'internal';
}
