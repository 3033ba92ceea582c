import { suggest } from '../../lib/nearest.ts';
import type { Problem } from '../../lib/problem.ts';
import { type Digest, digests, type KeyType, keyTypes } from '../../x509/algorithms.ts';
import { parseDatabaseUrl, passwordProblem, printDatabaseUrl, transportProblem } from './database-url.ts';
import type { Reading } from './host-name.ts';
import { quoted } from './host-name.ts';
import { readInstallDir } from './install-dir.ts';
import { readHostNames } from './name-list.ts';
import { readNetworkList } from './network-list.ts';
import { readPostfixVersion } from './postfix-version.ts';
import { readDedicatedPort } from './service-port.ts';
import { readTableType } from './table-type.ts';
import { type ClientLevel, clientLevels, type Pin, pins, type Settings } from './types.ts';

/** Every option of `init` that describes the set-up, read and checked by itself. */
export interface OptionValues {
  readonly server: readonly string[];
  readonly client: readonly string[];
  /** A path. */
  readonly clientsFile: string;
  readonly postfix: string;
  readonly clientPostfix: string;
  readonly os: string;
  readonly clientOs: string;
  readonly relayPort: number;
  /** Zero: none. */
  readonly dedicatedPort: number;
  readonly digest: Digest;
  readonly keyType: KeyType;
  readonly days: number;
  readonly caDays: number;
  readonly caName: string;
  readonly constrain: readonly string[];
  /** A path. */
  readonly passphraseFile: string;
  /** Empty: the default of the host. */
  readonly tableType: string;
  readonly database: readonly string[];
  /** A path. */
  readonly databaseCa: string;
  readonly policy: Settings['policy'];
  readonly unauthorized: Settings['unauthorized'];
  readonly permitSasl: boolean;
  readonly mynetworks: string;
  readonly clientLevel: ClientLevel;
  readonly pin: Pin;
  readonly serverCert: Settings['serverCert'];
  /** A path. */
  readonly serverCa: string;
  /** A path. */
  readonly baseMainCf: string;
  readonly installDir: string;
}

export type OptionKey = keyof OptionValues;

export interface OptionRule<Value> {
  /** As flag (after `--`) and as key of the config file. */
  readonly name: string;
  /** Its name in 0.1.0, which is still read for one release. */
  readonly formerName?: string;
  readonly takes: 'text' | 'number' | 'switch' | 'list';
  /** `undefined` when it was refused; the reason is then among the problems. */
  read(given: readonly string[], reading: Reading): Value | undefined;
}

/** Leaf and authority lifetimes: a century is beyond any key, and year 9999 ends X.509's calendar anyway. */
const longestDays = 36_500;

export const optionRules: { readonly [Key in OptionKey]: OptionRule<OptionValues[Key]> } = {
  server: { name: 'server', takes: 'list', read: readHostNames },
  client: { name: 'client', takes: 'list', read: readHostNames },
  clientsFile: path('clients-file'),
  postfix: text('postfix', readPostfixVersion),
  clientPostfix: text('client-postfix', readPostfixVersion),
  os: preset('os'),
  clientOs: preset('client-os'),
  relayPort: whole('relay-port', 1, 65_535),
  dedicatedPort: { name: 'dedicated-port', formerName: 'service', takes: 'number', read: readDedicatedPort },
  digest: choice('digest', digests),
  keyType: choice('key-type', keyTypes),
  days: whole('days', 1, longestDays),
  caDays: whole('ca-days', 1, longestDays),
  caName: text('ca-name', readAuthorityName),
  constrain: { name: 'constrain', takes: 'list', read: readDomains },
  passphraseFile: path('passphrase-file'),
  tableType: text('table-type', readTableType),
  database: { name: 'database', takes: 'list', read: readDatabaseUrls },
  databaseCa: path('database-ca'),
  policy: choice('policy', ['relay', 'recipient']),
  unauthorized: choice('unauthorized', ['defer', 'reject']),
  permitSasl: { name: 'permit-sasl', takes: 'switch', read: ([given]) => given !== 'false' },
  mynetworks: text('mynetworks', readNetworkList),
  clientLevel: choice('client-level', clientLevels),
  pin: choice('pin', pins),
  serverCert: choice('server-cert', ['internal', 'keep']),
  serverCa: path('server-ca'),
  baseMainCf: path('base-main-cf'),
  installDir: text('install-dir', readInstallDir),
};

export const optionKeys = Object.keys(optionRules) as readonly OptionKey[];

/** A value on its own, refused with a problem or taken; the source goes before the message. */
function text(name: string, read: (given: string) => string | Problem): OptionRule<string> {
  return {
    name,
    takes: 'text',
    read([given = ''], reading) {
      const value = read(given);
      if (typeof value === 'string') return value;
      reading.problems.push({ ...value, message: `${reading.source}: ${value.message}` });
      return undefined;
    },
  };
}

function path(name: string): OptionRule<string> {
  return text(name, (given) =>
    given === '' || given.includes('\0')
      ? { code: 'path-empty', message: `${quoted(given)} is no file name`, hint: 'give the path of a file' }
      : given,
  );
}

function choice<Value extends string>(name: string, known: readonly Value[]): OptionRule<Value> {
  return {
    name,
    takes: 'text',
    read([given = ''], { problems, source }) {
      const value = known.find((one) => one === given);
      if (value === undefined) {
        problems.push({
          code: `${name}-unknown`,
          message: `${source}: ${quoted(given)} is not known`,
          hint: suggest(given, known),
        });
      }
      return value;
    },
  };
}

function preset(name: string): OptionRule<string> {
  return { name, takes: 'text', read: (given, reading) => choice(name, reading.presets).read(given, reading) };
}

// Digits only: Number() would also take " 5", "1e9" and "0x10", and nobody means these.
function whole(name: string, least: number, most: number): OptionRule<number> {
  return {
    name,
    takes: 'number',
    read([given = ''], { problems, source }) {
      const value = /^[0-9]{1,9}$/.test(given) ? Number(given) : Number.NaN;
      if (value >= least && value <= most) return value;
      problems.push({
        code: `${name}-number`,
        message: `${source}: ${quoted(given)} is not a whole number from ${least} to ${most}`,
      });
      return undefined;
    },
  };
}

/** The common name of the authority: at most 64 characters (RFC 5280, ub-common-name), none that means something elsewhere. */
function readAuthorityName(given: string): string | Problem {
  const name = given.normalize('NFC').trim();
  if (/^[\p{L}\p{N}][\p{L}\p{M}\p{N} .,:()@+_-]*$/u.test(name) && name.length <= 64) return name;
  return {
    code: 'ca-name-form',
    message: `${quoted(given)} is no name for an authority`,
    hint: 'up to 64 letters, digits, spaces and .,:()@+_- beginning with a letter or a digit',
  };
}

/** Domains for name constraints; a leading dot, which some tools want there, means the same and is dropped. */
function readDomains(given: readonly string[], reading: Reading): readonly string[] | undefined {
  return readHostNames(
    given.map((domain) => domain.replace(/^\.(?=.)/, '')),
    reading,
  );
}

/** Most databases that are asked in turn; a farm has a primary and a few that follow it. */
const most = 8;

/** Connection URIs as the servers reach the database, each once and in one form. A password is refused. */
function readDatabaseUrls(given: readonly string[], reading: Reading): readonly string[] | undefined {
  const urls = new Set<string>();
  const before = reading.problems.length;
  for (const text of given) {
    const read = parseDatabaseUrl(text);
    const problem =
      'message' in read
        ? read
        : read.password === undefined
          ? transportProblem(read.url)
          : { ...passwordProblem, hint };
    if (problem !== undefined) reading.problems.push({ ...problem, message: `${reading.source}: ${problem.message}` });
    else if ('url' in read) urls.add(printDatabaseUrl(read.url));
  }
  if (urls.size > most) {
    reading.problems.push({
      code: 'database-many',
      message: `${reading.source}: more than ${most} databases are named`,
    });
  }
  return reading.problems.length > before ? undefined : [...urls];
}

const hint = 'leave it out: each server has a password file of its own, which no folder of certrelay holds';
