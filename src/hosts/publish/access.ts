import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Io, Options } from '../../cli/command.ts';
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
        : { certificate: readText(path(certificate)), key: readSecret(path(key), key) },
  };
}

function readUrl({ database, databaseFile }: Options, path: (name: string) => string) {
  if (database !== undefined && databaseFile !== undefined) {
    throw usage('database-twice', '--database and --database-file name the same thing', 'give one of them');
  }
  if (typeof databaseFile === 'string') {
    const { text, weakness } = readPossibleSecret(path(databaseFile), databaseFile);
    const read = parseDatabaseUrl(text.trim());
    if (!('url' in read)) throw new CertrelayError('usage', { ...read, message: `"${databaseFile}": ${read.message}` });
    if (read.password !== undefined && weakness !== undefined) throw weakness;
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
    return readSecretLine(path(databasePasswordFile), databasePasswordFile, 'password');
  }
  // As libpq looks for it; a file that others may read is passed over there, and refused here.
  const said = url.parameters.get('passfile') ?? io.env.PGPASSFILE;
  const name = said ?? join(homedir(), '.pgpass');
  if (said === undefined && !existsSync(name)) return undefined;
  return passwordFrom(readSecret(path(name), name), { ...url, user: url.user ?? writerRole });
}

function issuerIn(text: string, name: string): string {
  const issuer = checkIssuer(text, name);
  if (typeof issuer === 'string') return issuer;
  throw new CertrelayError('usage', issuer);
}
