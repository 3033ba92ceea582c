import type { Problem } from '../../../../lib/problem.ts';
import { foldCase } from '../../../../lib/text.ts';
import type { Table, TableEntry } from '../../config.ts';
import { lineWarning } from '../line-warning.ts';
import { opaqueTable } from '../opaque.ts';
import { postmapSource } from '../postmap-source.ts';
import type { TableHost, TableType } from '../table-type.ts';

/**
 * Tables whose content lies outside the files: databases, servers, the host's accounts and environment. It may be given
 * under the table's full name; otherwise every lookup is an open question.
 */
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
  open(name: string, host: TableHost): Table {
    const spec = `${type}:${name}`;
    const content = host.content(spec);
    if (content === undefined) return opaqueTable(spec, `the content of a ${type} table is not in any file`, fixed);
    return givenTable(spec, content, fixed, host);
  },
}));

/** What the database would answer, as it was given: a line a key, in the format of postmap(1). */
function givenTable(spec: string, content: string, fixed: boolean, host: TableHost): Table {
  const values = new Map<string, string>();
  const entries: TableEntry[] = [];
  const warnings: Problem[] = [];
  postmapSource(
    content,
    spec,
    host.version,
    (key, value, line) => {
      const folded = fixed ? foldCase(key, host.unicode) : key;
      if (values.has(folded)) return;
      values.set(folded, value);
      entries.push({ key: folded, value, where: { file: spec, line, column: 1 } });
    },
    (message, line) => warnings.push(lineWarning(spec, line, message)),
  );
  return {
    spec,
    fixed,
    find: (key) => values.get(fixed ? foldCase(key, host.unicode) : key),
    entries,
    warnings,
  };
}
