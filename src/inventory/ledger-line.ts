import type { FingerprintSet, KeyType, LedgerEvent, Moment } from './types.ts';

/**
 * The two kinds of lines of which a ledger nearly wholly consists, as `printEvents` writes them: each is checked and taken
 * apart by one expression, in a tenth of the time that parsing it as JSON and judging the fields takes. What does not look exactly
 * so (an edited line, another order of fields, a name with an escaped character) is none of these and means the same.
 */
const time = '([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]+)?Z)';
const name = '([^"\\\\\u0000-\u001f]+)';
const serial = '([0-9a-f]{1,40})';
const hex = (bytes: number) => `([0-9A-F]{2}(?::[0-9A-F]{2}){${bytes - 1}})`;
const set = `\\{"sha1":"${hex(20)}","sha256":"${hex(32)}","sha384":"${hex(48)}","sha512":"${hex(64)}"\\}`;
const keyType = '(ec-p256|ec-p384|rsa-2048|rsa-3072|rsa-4096|ed25519)';

const issuedLine = new RegExp(
  `^\\{"at":"${time}","event":"issued","role":"(authority|server|client)","holder":"${name}","serial":"${serial}",` +
    `"notBefore":"${time}","notAfter":"${time}","keyType":"${keyType}","fingerprint":${set},` +
    `"publicKeyFingerprint":${set},"certificate":"([A-Za-z0-9+/]+={0,2})"(?:,"overlap":([0-9]{1,10}))?\\}$`,
);
const momentLine = new RegExp(
  `^\\{"at":"${time}","event":"(admitted|handed|deployed|retired|revoked)","holder":"${name}","serial":"${serial}"\\}$`,
);

/** Reads such a line; undefined when it is none. */
export function readUsual(line: string): LedgerEvent | undefined {
  const moment = momentLine.exec(line);
  if (moment !== null) {
    const [, at = '', event, holder = '', serialNumber = ''] = moment;
    return isTime(at) ? { at, event: event as Moment, holder, serial: serialNumber } : undefined;
  }
  const found = issuedLine.exec(line);
  if (found === null) return undefined;
  const text = (index: number) => found[index] ?? '';
  const at = text(1);
  const notBefore = text(5);
  const notAfter = text(6);
  if (!isTime(at) || !isTime(notBefore) || !isTime(notAfter)) return undefined;
  const issued: Extract<LedgerEvent, { event: 'issued' }> = {
    at,
    event: 'issued',
    role: found[2] as 'authority' | 'server' | 'client',
    holder: text(3),
    serial: text(4),
    notBefore,
    notAfter,
    keyType: found[7] as KeyType,
    fingerprint: fingerprints(found, 8),
    publicKeyFingerprint: fingerprints(found, 12),
    certificate: text(16),
  };
  return found[17] === undefined ? issued : { ...issued, overlap: Number(found[17]) };
}

function fingerprints(found: RegExpExecArray, first: number): FingerprintSet {
  return {
    sha1: found[first] ?? '',
    sha256: found[first + 1] ?? '',
    sha384: found[first + 2] ?? '',
    sha512: found[first + 3] ?? '',
  };
}

// A fleet's certificates are issued within the same few seconds.
let known = '';

function isTime(text: string): boolean {
  if (text === known) return true;
  if (Number.isNaN(Date.parse(text))) return false;
  known = text;
  return true;
}
