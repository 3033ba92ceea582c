import { CertrelayError, usage } from '../../lib/problem.ts';
import { readMainCf } from '../../policy/postfix/main-cf.ts';
import { knownParameters } from '../../policy/postfix/parameters.ts';
import { stockMainCf } from '../../policy/postfix/presets/presets.ts';
import { parseVersion } from '../../policy/postfix/version.ts';
import {
  isVerified,
  parseDatabaseUrl,
  printDatabaseUrl,
  readerRole,
  transportProblem,
} from '../settings/database-url.ts';
import { databaseType } from '../settings/table-type.ts';
import type { Settings } from '../settings/types.ts';
import { field } from './field.ts';
import type { DatabaseView, FileView, SharedTableView } from './view.ts';

/** The issuer of the database's certificate, on servers. */
export const databaseAuthorityFile = 'database-ca.pem';
/** What proxymap(8) reads to ask the database. */
export const databaseFile = 'relay_clientcerts.pgsql';
/** What the table is to hold, for people and for the proof. */
const listing = 'relay_clientcerts';
const listOfTables = 'proxy_read_maps';

/** What a server has beside the rest when its table lies in a database. */
export interface DatabaseTable {
  readonly table: SharedTableView;
  readonly view: DatabaseView;
  readonly files: readonly FileView[];
  readonly element: { readonly name: string; readonly element: string };
}

/** Whether the servers of these settings share one table. */
export function isInDatabase({ tableType }: Pick<Settings, 'tableType'>): boolean {
  return tableType === databaseType;
}

/**
 * The table of a server in a database, as proxymap(8) asks for it: smtpd(8) may be in a chroot, from which it could neither read
 * pgsql_table(5) nor reach the database. proxymap opens only what proxy_read_maps names, and the server dies for everybody
 * where it does not (until 3.10).
 */
export function databaseTable(settings: Settings, version: string, folder: string): DatabaseTable {
  const file = `${folder}/${databaseFile}`;
  const urls = (settings.database ?? []).map((text) => hostUrl(text, folder));
  const [first] = urls;
  if (first === undefined) {
    throw usage('database-missing', 'the servers do not know where the database is', 'name it with --database');
  }
  const own = [...new Set(urls.flatMap(({ needsIssuer }) => (needsIssuer ? [databaseAuthorityFile] : [])))];
  if (own.length > 0 && settings.databaseCa === undefined) {
    throw usage('database-ca-missing', 'the issuer of the database is not known', 'name its file with --database-ca');
  }
  // An entry of master.cf says for its own service what relay_clientcerts is; proxymap(8) reads main.cf.
  const element = settings.dedicatedPort === undefined ? '$relay_clientcerts' : `proxy:pgsql:${file}`;
  return {
    table: { type: 'proxy:pgsql', path: file, file: listing, password: first.passfile ?? '' },
    view: {
      file,
      hosts: urls.map(({ text }) => field('parameter value', text)).join(' '),
      name: first.database,
      password: urls.flatMap(({ passfile }) => (passfile === undefined ? [] : [{ file: passfile }])).slice(0, 1),
      proxyReadMaps: field('parameter value', withElement(hostsList(settings, version), element)),
    },
    files: [
      { name: databaseFile, mode: '0640' },
      ...(settings.databaseCa === undefined ? [] : own.map((name): FileView => ({ name, mode: '0644' }))),
    ],
    element: { name: listOfTables, element },
  };
}

function hostUrl(text: string, folder: string) {
  const read = parseDatabaseUrl(text);
  if (!('url' in read) || read.password !== undefined) {
    throw usage('render-database', 'inventory.json: a connection URI is wrong', 'see "database" there');
  }
  const { url } = read;
  const weak = transportProblem(url);
  // An inventory of an earlier release may have taken a loopback address for enough.
  if (weak !== undefined) throw new CertrelayError('usage', weak);
  const parameters = new Map(url.parameters);
  const isChecked = isVerified(url);
  if (isChecked) parameters.set('sslmode', 'verify-full');
  const needsIssuer = isChecked && !parameters.has('sslrootcert');
  if (needsIssuer) parameters.set('sslrootcert', `${folder}/${databaseAuthorityFile}`);
  // A socket tells who asks, and so does a certificate; everybody else has a password, in a file that is the host's own.
  const hasPassword = url.host !== undefined && !parameters.has('sslcert');
  if (hasPassword && !parameters.has('passfile')) parameters.set('passfile', `${folder}.pgpass`);
  const passfile = parameters.get('passfile');
  return {
    ...{ text: printDatabaseUrl({ ...url, user: url.user ?? readerRole, parameters }), database: url.database },
    ...{ needsIssuer, passfile },
  };
}

/** The list of the host, as it is written; that of its version where it has none of its own. */
function hostsList(settings: Settings, version: string): string {
  const release = parseVersion(version);
  if ('code' in release) throw usage(release.code, release.message, release.hint);
  const base = settings.baseMainCf ?? (settings.os === undefined ? undefined : stockMainCf(settings.os)) ?? '';
  const set = readMainCf(base, 'the base main.cf', release).definitions.get(listOfTables)?.value;
  return set ?? knownParameters(release).get(listOfTables)?.fallback ?? '';
}

function withElement(list: string, element: string): string {
  const words = list.split(/[\s,]+/).filter(Boolean);
  if (words.includes(element)) return list.trim();
  return [list.trim().replaceAll(/\s+/g, ' '), element].filter(Boolean).join(list.includes(',') ? ', ' : ' ');
}
