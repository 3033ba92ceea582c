import { CertrelayError, type ExitName, type Problem } from '../../lib/problem.ts';
import type { DatabaseUrl } from '../../provision/settings/database-url.ts';

interface Trouble {
  /** SQLSTATE (PostgreSQL, appendix A), or the code of a system call or of TLS. */
  readonly codes: readonly string[];
  readonly code: string;
  readonly says: (where: string, message: string) => string;
  readonly hint: string;
  readonly exit?: ExitName;
}

const migrations = 'run database/001-tables.sql and database/002-roles.sql of the output folder there, in this order';

/** For what pg says when a server answers a request for TLS with "N", or with anything that is no answer. */
const declined = 'TLS_DECLINED';

/** What goes wrong with a database, and what to do; the message of the server is added where nothing here fits. */
const troubles: readonly Trouble[] = [
  {
    codes: ['ECONNREFUSED', 'ENOENT', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'],
    code: 'database-unreachable',
    says: (where, message) => `nobody answers at ${where}: ${message}`,
    hint: 'the servers defer their clients while the database is down; look whether it runs, and at its listen_addresses',
  },
  {
    codes: ['28P01', '28000'],
    code: 'database-login',
    says: (where, message) => `${where} does not let the publisher in: ${message}`,
    hint: 'look at its pg_hba.conf, and at the password: --database-password-file FILE, or PGPASSFILE',
  },
  {
    codes: ['3D000'],
    code: 'database-missing',
    says: (where) => `there is no such database at ${where}`,
    hint: `make it with createdb(1), and ${migrations}`,
  },
  {
    codes: ['3F000', '42P01', '42703', '42704'],
    code: 'database-schema-missing',
    says: (where) => `the database at ${where} has no tables of certrelay`,
    hint: migrations,
  },
  {
    codes: ['42501', '25006'],
    code: 'database-rights',
    says: (where, message) => `the role may not publish at ${where}: ${message}`,
    hint: 'publish as certrelay_writer, to the primary; database/002-roles.sql gives it what it needs',
  },
  {
    codes: ['55P03'],
    code: 'database-busy',
    says: (where) => `another publisher is at work at ${where}`,
    hint: 'run this again',
    exit: 'locked',
  },
  {
    codes: [
      ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
      ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ],
    code: 'database-certificate',
    says: (where, message) => `the certificate of the database at ${where} is not to be believed: ${message}`,
    hint: 'name its issuer with --database-ca FILE, and the database by a name that its certificate has',
  },
  {
    codes: [declined],
    code: 'database-plain',
    says: (where) => `the database at ${where} declines TLS; no login was sent`,
    hint: 'set ssl = on in its postgresql.conf; on its own machine, use the socket: postgresql:///DATABASE?host=/run/postgresql',
  },
];

/** What a failure means, as an error to be told. */
export function databaseTrouble(error: unknown, url: DatabaseUrl): CertrelayError {
  if (error instanceof CertrelayError) return error;
  const where = placeOf(url);
  const { code, message } = factsOf(error);
  const known = troubles.find(({ codes }) => codes.includes(code));
  const said = printable(message);
  const problem: Problem =
    known === undefined
      ? { code: 'database-failed', message: `the database at ${where} refuses: ${said}` }
      : { code: known.code, message: known.says(where, said), hint: known.hint };
  return new CertrelayError(known?.exit ?? 'failure', problem);
}

/** The database as messages name it. */
export function placeOf({ host, port, database, parameters }: DatabaseUrl): string {
  const place = host ?? parameters.get('host') ?? 'localhost';
  return `"${place}${port === undefined ? '' : `:${port}`}/${database}"`;
}

function factsOf(error: unknown): { readonly code: string; readonly message: string } {
  // A name with several addresses fails once for each.
  const [first] = error instanceof AggregateError ? error.errors : [error];
  if (!(first instanceof Error)) return { code: '', message: String(first) };
  const code = 'code' in first && typeof first.code === 'string' ? first.code : '';
  const isLate = /timeout expired|Connection terminated/.test(first.message);
  if (/does not support SSL|establishing an SSL connection/.test(first.message)) {
    return { code: declined, message: first.message };
  }
  return { code: code === '' && isLate ? 'ETIMEDOUT' : code, message: first.message };
}

function printable(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').slice(0, 300);
}
