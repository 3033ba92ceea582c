import pg from 'pg';
import { type DatabaseUrl, isVerified, writerRole } from '../../provision/settings/database-url.ts';
import { databaseTrouble } from './trouble.ts';

/** All that it takes to be connected, as texts: nothing here reads a file. */
export interface Access {
  readonly url: DatabaseUrl;
  readonly password: string | undefined;
  /** PEM of the issuer that the database's certificate must have; absent: those that Node trusts. */
  readonly issuer: string | undefined;
  /** Certificate and key to log in with, instead of a password. */
  readonly certificate: { readonly certificate: string; readonly key: string } | undefined;
}

/** A connection in a transaction or out of one. Every failure is a CertrelayError without a word of the password. */
export interface Connection {
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** Milliseconds to be connected, and for any one statement: a publication of a fleet takes a second. */
const patience = { connecting: 10_000, statement: 60_000 } as const;

/**
 * Connects as libpq does with `sslmode=verify-full`, or over a socket of this machine. A server that declines TLS, or whose
 * certificate or name is not the one to be expected, gets no login at all. SCRAM does not make up for that: it keeps the password
 * from whoever listens, but not from guessing (a server without a proof of its own has all it takes to try passwords), it does
 * not protect what is sent afterwards, and which method is used is the server's choice, plain text included.
 * Throws a CertrelayError (failure).
 */
export async function connect(access: Access): Promise<Connection> {
  const { url, password } = access;
  const client = new pg.Client({
    host: url.host ?? url.parameters.get('host') ?? '/run/postgresql',
    port: url.port ?? 5432,
    database: url.database,
    user: url.user ?? writerRole,
    // Not left to pg, which would look into the environment and the home of whoever runs this.
    password: password ?? '',
    application_name: 'certrelay publish',
    ssl: encryption(access),
    // Not left to the environment (PGSSLNEGOTIATION).
    sslnegotiation: 'postgres',
    connectionTimeoutMillis: patience.connecting,
    statement_timeout: patience.statement,
    keepAlive: true,
  });
  // Said by the statement that was under way; without a listener it would end the process.
  client.on('error', () => {});
  const guarded = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      throw databaseTrouble(error, url);
    }
  };
  try {
    await guarded(() => client.connect());
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
  return {
    query: (text, values = []) => guarded(async () => (await client.query(text, [...values])).rows),
    close: () => client.end().catch(() => {}),
  };
}

function encryption({ url, issuer, certificate }: Access): pg.ClientConfig['ssl'] {
  if (!isVerified(url)) return false;
  return {
    rejectUnauthorized: true,
    // An address is checked as well as a name; pg hands on names only.
    host: url.host,
    ...(issuer === undefined ? {} : { ca: issuer }),
    ...(certificate === undefined ? {} : { cert: certificate.certificate, key: certificate.key }),
  };
}
