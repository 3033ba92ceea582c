import { type FingerprintSet, keyTypes, type LedgerEvent } from './types.ts';

type Fields = Readonly<Record<string, unknown>>;

const moments = ['admitted', 'deployed', 'retired', 'revoked'] as const;
const roles = ['authority', 'server', 'client'] as const;
const hexLength = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 } as const;

/** Said of a line that is no JSON object at all, as the rest of a torn write is. */
export const notJson = 'the line is not a JSON object';

/**
 * Reads one line of a ledger; answers what is wrong with it as a text. Written out by hand, because the ledger of a fleet has
 * tens of thousands of lines and every command reads it.
 */
export function readEvent(line: string): LedgerEvent | string {
  const fields = parseObject(line);
  if (fields === undefined) return notJson;
  try {
    const at = time(fields, 'at');
    const holder = text(fields, 'holder');
    const serial = matching(fields, 'serial', /^[0-9a-f]{1,40}$/);
    const kind = text(fields, 'event');
    const moment = moments.find((one) => one === kind);
    if (moment !== undefined) return { at, event: moment, holder, serial };
    if (kind !== 'issued') {
      return `the event ${JSON.stringify(kind)} is not known; a newer certrelay may have written it`;
    }
    return {
      at,
      event: 'issued',
      role: oneOf(fields, 'role', roles),
      holder,
      serial,
      notBefore: time(fields, 'notBefore'),
      notAfter: time(fields, 'notAfter'),
      keyType: oneOf(fields, 'keyType', keyTypes),
      fingerprint: fingerprints(fields, 'fingerprint'),
      publicKeyFingerprint: fingerprints(fields, 'publicKeyFingerprint'),
      certificate: matching(fields, 'certificate', /^[A-Za-z0-9+/]+={0,2}$/),
    };
  } catch (error) {
    if (error instanceof WrongField) return error.message;
    throw error;
  }
}

class WrongField extends Error {
  constructor(name: string) {
    super(`the field "${name}" is missing or wrong`);
  }
}

function parseObject(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '') throw new WrongField(name);
  return value;
}

function matching(fields: Fields, name: string, form: RegExp): string {
  const value = text(fields, name);
  if (!form.test(value)) throw new WrongField(name);
  return value;
}

/** ISO 8601 in UTC, with or without fractions of a second. */
function time(fields: Fields, name: string): string {
  const value = matching(fields, name, /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z$/);
  if (Number.isNaN(Date.parse(value))) throw new WrongField(name);
  return value;
}

function oneOf<Value extends string>(fields: Fields, name: string, known: readonly Value[]): Value {
  const value = known.find((one) => one === fields[name]);
  if (value === undefined) throw new WrongField(name);
  return value;
}

/** Postfix's own form: upper-case hex pairs with colons between. */
function fingerprints(fields: Fields, name: string): FingerprintSet {
  const value = fields[name];
  if (!isObject(value)) throw new WrongField(name);
  const read = (digest: keyof typeof hexLength): string => {
    const fingerprint = value[digest];
    const isWhole = typeof fingerprint === 'string' && fingerprint.length === hexLength[digest] * 3 - 1;
    if (!isWhole || !/^[0-9A-F]{2}(?::[0-9A-F]{2})*$/.test(fingerprint)) throw new WrongField(`${name}.${digest}`);
    return fingerprint;
  };
  return { sha1: read('sha1'), sha256: read('sha256'), sha384: read('sha384'), sha512: read('sha512') };
}
