import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { readText } from '../../lib/files/read.ts';
import { readPossibleSecret, readSecret, readSecretLine } from '../../lib/files/secret.ts';
import { CertrelayError, usage } from '../../lib/problem.ts';
import {
  type DatabaseUrl,
  parseDatabaseUrl,
  passwordProblem,
  transportProblem,
  writerRole,
} from '../../provision/settings/database-url.ts';
import { checkIssuer } from '../../provision/settings/given-texts.ts';
import type { Inventory } from '../../provision/settings/types.ts';
import type { Access } from './connection.ts';

/** How a database is named; file names are relative to `cwd`. */
export interface AccessRequest {
  readonly cwd: string;
  /** A connection URI, or the file that has it. */
  readonly database: string | undefined;
  readonly databaseFile: string | undefined;
  readonly databaseCa: string | undefined;
  readonly databasePasswordFile: string | undefined;
  /** The password file that libpq would take (PGPASSFILE). */
  readonly passwordFile: string | undefined;
}

/** Whether a database is named. */
export function isDatabaseNamed({ database, databaseFile }: AccessRequest): boolean {
  return database !== undefined || databaseFile !== undefined;
}

/**
 * How the database is reached from here. The password comes from a file and from nowhere else: arguments and the environment
 * are for others to read. Throws a CertrelayError (usage).
 */
export function readAccess(request: AccessRequest, { settings }: Pick<Inventory, 'settings'>): Access {
  const path = (name: string) => resolve(request.cwd, name);
  const { url, password } = readUrl(request, path);
  const weak = transportProblem(url);
  if (weak !== undefined) throw new CertrelayError('usage', weak);
  const file = (name: string) => url.parameters.get(name);
  const named = request.databaseCa ?? file('sslrootcert');
  const [certificate, key] = [file('sslcert'), file('sslkey')];
  if ((certificate === undefined) !== (key === undefined)) {
    throw usage('database-key', 'sslcert and sslkey go together', 'name both files in the connection URI');
  }
  return {
    url,
    password: password ?? readPassword(request, url, path),
    issuer: named === undefined ? settings.databaseCa : issuerIn(readText(path(named)), named),
    certificate:
      certificate === undefined || key === undefined
        ? undefined
        : { certificate: readText(path(certificate)), key: readSecret(path(key), key) },
  };
}

function readUrl({ database, databaseFile }: AccessRequest, path: (name: string) => string) {
  if (database !== undefined && databaseFile !== undefined) {
    throw usage('database-twice', '--database and --database-file name the same thing', 'give one of them');
  }
  if (databaseFile !== undefined) {
    const { text, weakness } = readPossibleSecret(path(databaseFile), databaseFile);
    const read = parseDatabaseUrl(text.trim());
    if (!('url' in read)) throw new CertrelayError('usage', { ...read, message: `"${databaseFile}": ${read.message}` });
    if (read.password !== undefined && weakness !== undefined) throw weakness;
    return read;
  }
  if (database === undefined) {
    throw usage(
      'database-missing',
      'publish to which database, or to which hosts?',
      `name it with --database postgresql://${writerRole}@HOST/DATABASE, or bring files to hosts with --deploy-hook COMMAND`,
    );
  }
  const read = parseDatabaseUrl(database);
  if (!('url' in read)) throw new CertrelayError('usage', { ...read, message: `--database: ${read.message}` });
  if (read.password !== undefined) throw new CertrelayError('usage', passwordProblem);
  return read;
}

function readPassword(
  { databasePasswordFile, passwordFile }: AccessRequest,
  url: DatabaseUrl,
  path: (name: string) => string,
): string | undefined {
  if (databasePasswordFile !== undefined) {
    return readSecretLine(path(databasePasswordFile), databasePasswordFile, 'password');
  }
  // As libpq looks for it; a file that others may read is passed over there, and refused here.
  const said = url.parameters.get('passfile') ?? passwordFile;
  const name = said ?? join(homedir(), '.pgpass');
  if (said === undefined && !existsSync(name)) return undefined;
  return passwordFrom(readSecret(path(name), name), { ...url, user: url.user ?? writerRole });
}

function issuerIn(text: string, name: string): string {
  const issuer = checkIssuer(text, name);
  if (typeof issuer === 'string') return issuer;
  throw new CertrelayError('usage', issuer);
}

/**
 * The password that a file in libpq's format has for a database: the first line that fits. A line is
 * `host:port:database:user:password`; `*` fits anything, and a backslash stands before a colon or a backslash that is meant
 * (libpq, "The Password File").
 */
export function passwordFrom(text: string, url: DatabaseUrl): string | undefined {
  const wanted = [url.host ?? 'localhost', String(url.port ?? 5432), url.database, url.user ?? ''];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [host, port, database, user, password] = fieldsOf(line);
    if (password === undefined) continue;
    if ([host, port, database, user].every((field, index) => field === '*' || field === wanted[index])) return password;
  }
  return undefined;
}

/** Five fields; the last goes on to the end of the line, whatever is in it. */
function fieldsOf(line: string): readonly string[] {
  const fields: string[] = [''];
  for (let at = 0; at < line.length; at++) {
    const isEscape = line[at] === '\\' && at + 1 < line.length;
    if (line[at] === ':' && fields.length < 5) fields.push('');
    else {
      if (isEscape) at++;
      fields[fields.length - 1] += line[at] ?? '';
    }
  }
  return fields;
}
