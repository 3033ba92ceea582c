import { suggest } from '../../lib/nearest.ts';
import type { Problem } from '../../lib/problem.ts';

/** What the user may write for "the default of the host"; it is stored as nothing. */
export const hostsDefault = '$default_database_type';

/** Table types that `postmap` builds from a map file, or that read one as it is, and the series that brought them. */
const fromFile: Readonly<Record<string, string>> = {
  hash: '2.9',
  btree: '2.9',
  cdb: '2.9',
  dbm: '2.9',
  sdbm: '2.9',
  texthash: '2.9',
  lmdb: '2.11',
};

/** The type whose table lies in a database that `certrelay publish` fills, instead of a file on every server. */
export const databaseType = 'pgsql';

/** Types of DATABASE_README that a list of fingerprints in a file cannot be, with the reason. */
const others: Readonly<Record<string, string>> = {
  ...reason('is a database, and the map is a file', ['ldap', 'mysql', 'sqlite', 'mongodb', 'memcache']),
  ...reason('asks another program, and the map is a file', ['tcp', 'socketmap', 'proxy', 'netinfo', 'nis', 'nisplus']),
  ...reason('reads its keys as patterns, and fingerprints are no patterns', ['regexp', 'pcre', 'cidr']),
  ...reason('does not read a file of keys and values', ['inline', 'static', 'environ', 'unix', 'internal', 'fail']),
  ...reason('combines other tables', ['pipemap', 'unionmap', 'randmap']),
};

function reason(text: string, types: readonly string[]): Record<string, string> {
  return Object.fromEntries(types.map((type) => [type, text]));
}

export const mapFileTypes: readonly string[] = Object.keys(fromFile);

/** The series that brought a type; the type has been read before. */
export function tableTypeSince(type: string): string {
  return fromFile[type] ?? '2.9';
}

/** Reads a table type that can hold the maps; the empty text stands for the default of the host. */
export function readTableType(text: string): string | Problem {
  if (text === hostsDefault) return '';
  if (text === databaseType || Object.hasOwn(fromFile, text)) return text;
  const why = Object.hasOwn(others, text) ? others[text] : undefined;
  if (why !== undefined) {
    return {
      code: 'table-type-unfit',
      message: `table type "${text}" ${why}`,
      hint: `choose one of ${mapFileTypes.join(', ')}, or ${databaseType} for a table that all servers share`,
    };
  }
  return {
    code: 'table-type-unknown',
    message: `${JSON.stringify(text.slice(0, 80))} is no table type of Postfix`,
    hint: suggest(text, [...mapFileTypes, databaseType]),
  };
}
