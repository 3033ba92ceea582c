import type { Problem } from '../../lib/problem.ts';

/** Where a PostgreSQL database is, as a connection URI says it (libpq, "Connection URIs"). Never a password. */
export interface DatabaseUrl {
  readonly user: string | undefined;
  /** Name or address, without brackets; undefined: a Unix-domain socket. */
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly database: string;
  /** libpq's own parameters, by name. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** A URI as it was read. The password is apart, for only a file of the publisher's may have one. */
export interface ReadDatabaseUrl {
  readonly url: DatabaseUrl;
  readonly password: string | undefined;
}

/** The role that Postfix asks as, and the one that publishes; both are made by the rendered migrations. */
export const readerRole = 'certrelay_reader';
export const writerRole = 'certrelay_writer';

const example = `postgresql://${readerRole}@db.example.com/certrelay`;
const userInfo = '(?:([A-Za-z0-9_.-]{1,63})(?::([^@/?#\\s]*))?@)?';
const host = '(\\[[0-9A-Fa-f:.]{2,45}\\]|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)?';
const form = new RegExp(
  `^postgres(?:ql)?://${userInfo}${host}(?::([0-9]{1,5}))?/([A-Za-z0-9_-]{1,63})(?:\\?([^#\\s]*))?$`,
);

/** Paths and words that need no quoting, neither in a URI nor in a Postfix list nor in a script. */
const path = /^(?:\/[A-Za-z0-9._-]+)+$/;
const parameters: Readonly<Record<string, RegExp>> = {
  host: path,
  sslmode: /^(?:disable|allow|prefer|require|verify-ca|verify-full)$/,
  sslrootcert: path,
  sslcert: path,
  sslkey: path,
  passfile: path,
  connect_timeout: /^[1-9][0-9]{0,2}$/,
  target_session_attrs: /^(?:any|read-write|read-only|primary|standby|prefer-standby)$/,
};

/** Reads a connection URI. A problem never shows what might be a password. */
export function parseDatabaseUrl(text: string): ReadDatabaseUrl | Problem {
  const found = form.exec(text);
  if (found === null) return wrong(`${shown(text)} is no connection URI of PostgreSQL`, `write it as ${example}`);
  const [, user, password, name, portText, database = '', query = ''] = found;
  const port = portText === undefined ? undefined : Number(portText);
  if (port !== undefined && (port < 1 || port > 65_535)) {
    return wrong(`${shown(text)}: ${port} is no port`, 'a port is a number from 1 to 65535');
  }
  const said = new Map<string, string>();
  for (const pair of query === '' ? [] : query.split('&')) {
    const [key = '', value = ''] = splitAt(pair, '=').map(decoded);
    if (key === 'password') return passwordProblem;
    const grammar = Object.hasOwn(parameters, key) ? parameters[key] : undefined;
    if (grammar === undefined) {
      const known = Object.keys(parameters).join(', ');
      return wrong(`the connection URI has a parameter ${shown(key)}, which is not known`, `known are ${known}`);
    }
    if (!grammar.test(value)) return wrong(`the connection URI: ${shown(value)} is no value of "${key}"`);
    said.set(key, value);
  }
  if (name === undefined && !said.has('host')) {
    return wrong('the connection URI names no host', `write it as ${example}, or ?host=/run/postgresql for a socket`);
  }
  if (name !== undefined && said.has('host')) return wrong('the connection URI names two hosts');
  return {
    url: {
      ...{ user, host: name?.replace(/^\[|\]$/g, ''), port, database },
      parameters: said,
    },
    password: password === undefined ? undefined : decoded(password),
  };
}

export const passwordProblem: Problem = {
  code: 'database-url-password',
  message: 'the connection URI holds a password, and everybody on this machine may read arguments',
  hint: 'leave it out, and put it in a file: --database-password-file FILE, --database-file FILE, or PGPASSFILE',
};

/** The URI in the one form that every Postfix with URIs knows, which begins with `postgresql:`. */
export function printDatabaseUrl({ user, host, port, database, parameters }: DatabaseUrl): string {
  const place = host === undefined ? '' : host.includes(':') ? `[${host}]` : host;
  const query = [...parameters].map(([name, value]) => `${name}=${value}`).join('&');
  const who = user === undefined ? '' : `${user}@`;
  return `postgresql://${who}${place}${port === undefined ? '' : `:${port}`}/${database}${query === '' ? '' : `?${query}`}`;
}

/**
 * Whether the server has to prove by certificate and name who it is (libpq, `sslmode=verify-full`): everywhere but behind a socket
 * of this machine, whose folder tells. A loopback address tells nothing: a tunnel or another user may listen there.
 */
export function isVerified({ host }: DatabaseUrl): boolean {
  return host !== undefined;
}

/** Whether libpq, given exactly this URI, sends no login before the server has proved who it is. */
export function isVerifiedByLibpq(url: DatabaseUrl): boolean {
  return !isVerified(url) || url.parameters.get('sslmode') === 'verify-full';
}

/** Who sits between a relay and its table decides who may relay, and learns the password: no weaker mode is taken. */
export function transportProblem(url: DatabaseUrl): Problem | undefined {
  const mode = url.parameters.get('sslmode');
  if (!isVerified(url) || mode === undefined || mode === 'verify-full') return undefined;
  return {
    code: 'database-url-tls',
    message: `sslmode=${mode} lets whoever sits between answer for the database "${url.host}"`,
    hint: 'use sslmode=verify-full, which is what is meant when none is named, or ?host=/run/postgresql for a socket',
  };
}

function wrong(message: string, hint?: string): Problem {
  return { code: 'database-url', message, ...(hint === undefined ? {} : { hint }) };
}

function splitAt(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What stands behind the last "@" of a URI holds no password; of anything else little is shown. */
function shown(text: string): string {
  const rest = text.includes('@') ? `…${text.slice(text.lastIndexOf('@'))}` : text;
  return JSON.stringify(rest.slice(0, 80));
}
