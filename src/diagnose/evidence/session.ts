import { resolve } from 'node:path';
import { readText } from '../../lib/files/read.ts';
import { addressLiteral } from '../../lib/ip.ts';
import { jsonErrorAt } from '../../lib/json-error.ts';
import { CertrelayError, usage } from '../../lib/problem.ts';

/** A session and its DNS as scenarios have them, before they are read. */
export interface SessionGiven {
  readonly session: Readonly<Record<string, unknown>>;
  readonly dns: unknown;
  /** What policy services and address verification would answer. */
  readonly world: { readonly policy?: unknown; readonly verify?: unknown };
}

/** What describes one session; each value replaces that of the file. */
export interface SessionRequest {
  /** A file with the session as JSON: a scenario of a batch, or its "session". */
  readonly file?: string | undefined;
  readonly clientAddress?: string | undefined;
  readonly clientName?: string | undefined;
  readonly clientReverseName?: string | undefined;
  readonly helo?: string | undefined;
  /** A file with the certificate that the client presents. */
  readonly certificate?: string | undefined;
  /** Each as `sha1=12:34:…`. */
  readonly fingerprints?: readonly string[] | undefined;
  readonly publicKeyFingerprints?: readonly string[] | undefined;
  /** True: the certificate verifies against the server's CAs. */
  readonly trusted: boolean;
  /** True: the client does not use TLS. */
  readonly plainText: boolean;
  /** The name with which the client has logged in. */
  readonly saslUser?: string | undefined;
  /** The empty text is the null sender. */
  readonly sender?: string | undefined;
  readonly recipients?: readonly string[] | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads a session: the fields of its file, with those that were given in their place. */
export async function readSession(request: SessionRequest, cwd: string, notes: string[]): Promise<SessionGiven> {
  const {
    session: file,
    dns,
    world,
  } = request.file === undefined
    ? { session: {} as Fields, dns: undefined, world: {} }
    : fromFile(resolve(cwd, request.file));
  const client = clientOf(request, fields(file.client));
  const mailFrom = request.sender ?? file.mailFrom;
  const rcptTo = request.recipients ?? file.rcptTo;
  if (mailFrom === undefined && Array.isArray(rcptTo)) notes.push('no --from: the null sender is taken');
  const session = {
    ...file,
    client,
    helo: request.helo ?? file.helo ?? (client.name === 'unknown' ? addressLiteral(client.address) : client.name),
    tls: await tlsOf(request, cwd, file.tls),
    sasl: request.saslUser === undefined ? (file.sasl ?? null) : { user: request.saslUser, method: 'PLAIN' },
    ...(mailFrom === undefined && rcptTo === undefined ? {} : { mailFrom: mailFrom ?? '' }),
    ...(rcptTo === undefined ? {} : { rcptTo }),
  };
  return { session, dns, world };
}

function clientOf(request: SessionRequest, given: Fields) {
  const address = request.clientAddress ?? given.address;
  if (typeof address !== 'string')
    throw usage('client-address-missing', 'which client? --client-address is missing', 'give its IP address');
  const name = text(request.clientName ?? given.name) ?? 'unknown';
  return { address, name, reverseName: text(request.clientReverseName ?? given.reverseName) ?? name };
}

/** TLS is used when a certificate or a fingerprint is given, unless --no-tls says otherwise. */
async function tlsOf(request: SessionRequest, cwd: string, given: unknown): Promise<unknown> {
  const { certificate, trusted } = request;
  if (request.plainText) return null;
  const fingerprint = pairs('--fingerprint', request.fingerprints);
  const publicKeyFingerprint = pairs('--public-key-fingerprint', request.publicKeyFingerprints);
  const shown = fingerprint !== undefined || publicKeyFingerprint !== undefined || certificate !== undefined;
  const before = fields(fields(given).certificate);
  if (!shown && !trusted) return given ?? null;
  if (!shown && fields(given).certificate === undefined) {
    throw usage('trusted-without-certificate', '--trusted needs a certificate', 'give --cert or --fingerprint');
  }
  const read =
    certificate === undefined
      ? undefined
      : (await import('./certificate.ts')).readCertificate(resolve(cwd, certificate));
  const base: Fields = read === undefined ? before : { ...read };
  return {
    protocol: 'TLSv1.3',
    ...fields(given),
    certificate: {
      ...base,
      trusted: trusted || base.trusted === true,
      fingerprint: { ...fields(base.fingerprint), ...fingerprint },
      publicKeyFingerprint: { ...fields(base.publicKeyFingerprint), ...publicKeyFingerprint },
    },
  };
}

/** Hexadecimal digits of a fingerprint, by digest; a part of one, pasted, would only look like an unlisted one. */
const digestDigits: Readonly<Record<string, number>> = {
  md5: 32,
  sha1: 40,
  sha224: 56,
  sha256: 64,
  sha384: 96,
  sha512: 128,
};

/** `sha1=12:34:…`, any number of them. */
function pairs(option: string, given: readonly string[] | undefined): Record<string, string> | undefined {
  if (given === undefined) return undefined;
  const found: Record<string, string> = Object.create(null);
  for (const pair of given) {
    const equals = pair.indexOf('=');
    if (equals < 1) throw usage('fingerprint-syntax', `${option} "${pair}" is not ALG=HEX`, 'for example sha1=12:34:…');
    const [algorithm, hex] = [pair.slice(0, equals).toLowerCase(), pair.slice(equals + 1)];
    const digits = hex.replaceAll(':', '').length;
    const wanted = /^[0-9a-f:]*$/i.test(hex) ? digestDigits[algorithm] : undefined;
    if (wanted !== undefined && digits !== wanted) {
      throw usage(
        'fingerprint-length',
        `${option}: a ${algorithm} fingerprint has ${wanted} digits, "${hex}" has ${digits}`,
        'take what "certrelay fingerprint FILE" prints',
      );
    }
    found[algorithm] = hex;
  }
  return found;
}

/** What is wrong with a session's fields, with the file that they come from. */
export function inFile<T>(file: string | undefined, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CertrelayError) || file === undefined) throw error;
    throw new CertrelayError(
      error.exit,
      ...error.problems.map((problem) => ({ ...problem, message: `"${file}": ${problem.message}` })),
    );
  }
}

function fromFile(path: string): { session: Fields; dns: unknown; world: SessionGiven['world'] } {
  const text = readText(path);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    const place = jsonErrorAt(text);
    const isCut = place >= text.trimEnd().length;
    const before = text.slice(0, place).split('\n');
    throw usage(
      'session-syntax',
      isCut ? 'the session ends in the middle' : 'the session is not valid JSON',
      undefined,
      {
        file: path,
        line: before.length,
        column: (before.at(-1) ?? '').length + 1,
      },
    );
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    const where = { file: path, line: 1, column: 1 };
    throw usage('session-syntax', 'the session is not a JSON object', 'a scenario of a batch, or its "session"', where);
  }
  const given = fields(document);
  if (!('session' in given)) return { session: given, dns: undefined, world: {} };
  return { session: fields(given.session), dns: given.dns, world: { policy: given.policy, verify: given.verify } };
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
