import { opaqueTable } from './opaque.ts';
import type { TableType } from './table-type.ts';

/** Tables whose content lies outside the files: databases, servers, the host's accounts and environment. */
export const remoteTypes: readonly TableType[] = (
  [
    ['ldap', '2.9', true, 'LDAP directory.'],
    ['mysql', '2.9', true, 'MySQL or MariaDB database.'],
    ['pgsql', '2.9', true, 'PostgreSQL database.'],
    ['sqlite', '2.9', true, 'SQLite database.'],
    ['mongodb', '3.9', true, 'MongoDB database.'],
    ['memcache', '2.9', true, 'Memcache server.'],
    ['nis', '2.9', true, 'NIS map.'],
    ['nisplus', '2.9', true, 'NIS+ map.'],
    ['netinfo', '2.9', true, 'NetInfo domain.'],
    ['tcp', '2.9', false, 'Server that speaks tcp_table(5).'],
    ['socketmap', '2.10', false, 'Server that speaks the Sendmail socket map protocol.'],
    ['environ', '2.9', true, "The program's environment."],
    ['unix', '2.9', true, "The host's accounts: passwd.byname and group.byname."],
  ] as const
).map(([type, since, fixed, doc]) => ({
  type,
  since,
  doc,
  open: (name: string) => opaqueTable(`${type}:${name}`, `the content of a ${type} table is not in any file`, fixed),
}));
