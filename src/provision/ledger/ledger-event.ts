import { digests, type FingerprintSet, keyTypes } from '../../x509/algorithms.ts';
import {
  digestMoments,
  type LedgerEvent,
  moments,
  origins,
  publicationMoments,
  tablePlaces,
} from '../settings/types.ts';

type Fields = Readonly<Record<string, unknown>>;

const roles = ['authority', 'server', 'client'] as const;
const hexLength = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 } as const;

const serialNumber = /^[0-9a-f]{1,40}$/;
const fingerprintForm = /^[0-9A-F]{2}(?::[0-9A-F]{2}){15,63}$/;
/** A serial number, or the fingerprint of a listed line. */
const subject = /^(?:[0-9a-f]{1,40}|[0-9A-F]{2}(?::[0-9A-F]{2}){15,63})$/;

/** Said of a line that is no JSON object at all, as the rest of a torn write is. */
export const notJson = 'the line is not a JSON object';

/**
 * Reads one line of a ledger; answers what is wrong with it as a text. Written out by hand, because the ledger of a fleet has
 * tens of thousands of lines and every command reads it; nearly all of these are read by `UsualLines` already.
 */
export function readEvent(line: string): LedgerEvent | string {
  const fields = parseObject(line);
  if (fields === undefined) return notJson;
  try {
    const at = time(fields, 'at');
    const kind = text(fields, 'event');
    if (kind === 'kept') return { at, event: kind, text: oneLine(fields.text, 'text') };
    if (kind === 'digest') return digestEvent(fields, at);
    if (kind === 'table') return { at, event: kind, place: oneOf(fields, 'place', tablePlaces) };
    if (kind === 'published') {
      const moment = oneOf(fields, 'moment', publicationMoments);
      return { at, event: kind, moment, table: matching(fields, 'table', /^[0-9a-f-]{36}$/) };
    }
    const holder = text(fields, 'holder');
    if (kind === 'installed') return { at, event: kind, holder };
    if (kind === 'listed') {
      return {
        at,
        event: kind,
        holder,
        fingerprint: anyFingerprint(fields, 'fingerprint'),
        comments: comments(fields),
      };
    }
    const moment = moments.find((one) => one === kind);
    if (moment !== undefined) return { at, event: moment, holder, serial: matching(fields, 'serial', subject) };
    const serial = matching(fields, 'serial', serialNumber);
    if (kind === 'followed') {
      const source = oneLine(text(fields, 'source'), 'source');
      return { at, event: kind, holder, serial, source, replaces: serials(fields, 'replaces') };
    }
    if (kind !== 'issued') {
      return `the event ${JSON.stringify(kind)} is not known; a newer certrelay may have written it`;
    }
    const origin = fields.origin === undefined ? undefined : oneOf(fields, 'origin', origins);
    return {
      at,
      event: 'issued',
      role: oneOf(fields, 'role', roles),
      holder,
      serial,
      notBefore: time(fields, 'notBefore'),
      notAfter: time(fields, 'notAfter'),
      // A key that was made elsewhere may be of a kind that certrelay does not make.
      keyType:
        origin === undefined ? oneOf(fields, 'keyType', keyTypes) : matching(fields, 'keyType', /^[A-Za-z0-9._-]+$/),
      fingerprint: fingerprints(fields, 'fingerprint'),
      publicKeyFingerprint: fingerprints(fields, 'publicKeyFingerprint'),
      certificate: matching(fields, 'certificate', /^[A-Za-z0-9+/]+={0,2}$/),
      ...(origin === undefined ? {} : { origin }),
      ...(fields.overlap === undefined ? {} : { overlap: seconds(fields, 'overlap') }),
    };
  } catch (error) {
    if (error instanceof WrongField) return error.message;
    throw error;
  }
}

function digestEvent(fields: Fields, at: string): LedgerEvent {
  return {
    at,
    event: 'digest',
    moment: oneOf(fields, 'moment', digestMoments),
    from: oneOf(fields, 'from', digests),
    to: oneOf(fields, 'to', digests),
    overlap: seconds(fields, 'overlap'),
  };
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

function seconds(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new WrongField(name);
  return value;
}

function oneOf<Value extends string>(fields: Fields, name: string, known: readonly Value[]): Value {
  const value = known.find((one) => one === fields[name]);
  if (value === undefined) throw new WrongField(name);
  return value;
}

/** A fingerprint in any digest, md5 included, in Postfix's form. */
function anyFingerprint(fields: Fields, name: string): string {
  return matching(fields, name, fingerprintForm);
}

function comments(fields: Fields): readonly string[] {
  const found = fields.comments;
  if (!Array.isArray(found)) throw new WrongField('comments');
  return found.map((one: unknown) => oneLine(one, 'comments'));
}

function serials(fields: Fields, name: string): readonly string[] {
  const found = fields[name];
  if (!Array.isArray(found)) throw new WrongField(name);
  return found.map((one: unknown) => {
    if (typeof one !== 'string' || !serialNumber.test(one)) throw new WrongField(name);
    return one;
  });
}

/** Text that a comment line can hold; it may be empty. */
function oneLine(value: unknown, name: string): string {
  if (typeof value !== 'string' || /[^\P{Cc}\t]|[\u2028\u2029]/u.test(value)) throw new WrongField(name);
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
