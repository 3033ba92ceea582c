import pg from 'pg';
import { type DatabaseUrl, isLocal, isVerified, writerRole } from '../inventory/database-url.ts';
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
 * Connects as libpq would for the same URI: over TLS with the server's name checked; on this machine over TLS where the
 * server has it. Throws a CertrelayError (failure).
 */
export async function connect(access: Access): Promise<Connection> {
  try {
    return await connectBy(access, encryption(access));
  } catch (error) {
    // libpq's "prefer", which is only for this machine.
    const isPreferred = isLocal(access.url) && /^(?:|prefer|allow)$/.test(access.url.parameters.get('sslmode') ?? '');
    if (!isPreferred || !(error instanceof Error) || !error.message.includes('does not support SSL')) throw error;
    return connectBy(access, false);
  }
}

async function connectBy({ url, password }: Access, ssl: pg.ClientConfig['ssl']): Promise<Connection> {
  const client = new pg.Client({
    host: url.host ?? url.parameters.get('host') ?? '/run/postgresql',
    port: url.port ?? 5432,
    database: url.database,
    user: url.user ?? writerRole,
    // Not left to pg, which would look into the environment and the home of whoever runs this.
    password: password ?? '',
    application_name: 'certrelay publish',
    ssl,
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
  if (url.host === undefined || url.parameters.get('sslmode') === 'disable') return false;
  return {
    rejectUnauthorized: isVerified(url),
    // An address is checked as well as a name; pg hands on names only.
    host: url.host,
    ...(issuer === undefined ? {} : { ca: issuer }),
    ...(certificate === undefined ? {} : { cert: certificate.certificate, key: certificate.key }),
  };
}
