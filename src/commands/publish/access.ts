import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Access } from '../../database/connection.ts';
import {
  type DatabaseUrl,
  parseDatabaseUrl,
  passwordProblem,
  transportProblem,
  writerRole,
} from '../../inventory/database-url.ts';
import { checkIssuer } from '../../inventory/given-texts.ts';
import type { Inventory } from '../../inventory/types.ts';
import { readText, readTextIfAny } from '../../lib/files-read.ts';
import { CertrelayError, usage } from '../../lib/problem.ts';
import type { Io, Options } from '../command.ts';
import { passwordFrom } from './password-file.ts';

/** Whether the options name a database. */
export function isDatabaseNamed({ database, databaseFile }: Options): boolean {
  return database !== undefined || databaseFile !== undefined;
}

/**
 * How the database is reached from here. The password comes from a file and from nowhere else: arguments and the environment
 * are for others to read. Throws a CertrelayError (usage).
 */
export function readAccess(options: Options, io: Io, { settings }: Pick<Inventory, 'settings'>): Access {
  const path = (name: string) => resolve(io.cwd, name);
  const { url, password } = readUrl(options, path);
  const weak = transportProblem(url);
  if (weak !== undefined) throw new CertrelayError('usage', weak);
  const file = (name: string) => url.parameters.get(name);
  const named = typeof options.databaseCa === 'string' ? options.databaseCa : file('sslrootcert');
  const [certificate, key] = [file('sslcert'), file('sslkey')];
  if ((certificate === undefined) !== (key === undefined)) {
    throw usage('database-key', 'sslcert and sslkey go together', 'name both files in the connection URI');
  }
  return {
    url,
    password: password ?? readPassword(options, io, url, path),
    issuer: named === undefined ? settings.databaseCa : issuerIn(readText(path(named)), named),
    certificate:
      certificate === undefined || key === undefined
        ? undefined
        : { certificate: readText(path(certificate)), key: readText(path(key)) },
  };
}

function readUrl({ database, databaseFile }: Options, path: (name: string) => string) {
  if (database !== undefined && databaseFile !== undefined) {
    throw usage('database-twice', '--database and --database-file name the same thing', 'give one of them');
  }
  if (typeof databaseFile === 'string') {
    const text = readText(path(databaseFile)).trim();
    const read = parseDatabaseUrl(text);
    if (!('url' in read)) throw new CertrelayError('usage', { ...read, message: `"${databaseFile}": ${read.message}` });
    if (read.password !== undefined) checkClosed(databaseFile, path(databaseFile));
    return read;
  }
  if (typeof database !== 'string') {
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
  { databasePasswordFile }: Options,
  io: Io,
  url: DatabaseUrl,
  path: (name: string) => string,
): string | undefined {
  if (typeof databasePasswordFile === 'string') {
    checkClosed(databasePasswordFile, path(databasePasswordFile));
    const [line = ''] = readText(path(databasePasswordFile)).split('\n');
    if (line !== '') return line;
    throw usage('password-empty', `the first line of "${databasePasswordFile}" is empty`, 'write the password there');
  }
  // As libpq looks for it; a file that others may read is passed over there, and refused here.
  const said = url.parameters.get('passfile') ?? io.env.PGPASSFILE;
  const name = said ?? join(homedir(), '.pgpass');
  const text = said === undefined ? readTextIfAny(name) : readText(path(name));
  if (text === undefined) return undefined;
  checkClosed(name, path(name));
  return passwordFrom(text, { ...url, user: url.user ?? writerRole });
}

/** A password that others may read is none. */
function checkClosed(shown: string, path: string): void {
  const { mode } = statSync(path);
  if ((mode & 0o077) === 0) return;
  throw usage('password-open', `"${shown}" holds a password, and others may read it`, `chmod 0600 ${shown}`);
}

function issuerIn(text: string, name: string): string {
  const issuer = checkIssuer(text, name);
  if (typeof issuer === 'string') return issuer;
  throw new CertrelayError('usage', issuer);
}
