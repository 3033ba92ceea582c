import { type FingerprintSet, keyTypes } from '../../x509/algorithms.ts';
import { type LedgerEvent, type Moment, moments } from '../settings/types.ts';
import { base64, digit, LedgerScanner, lowerHex, plain } from './ledger-scanner.ts';

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const lead = {
  at: bytesOf('{"at":"'),
  issued: bytesOf('","event":"issued","role":"'),
  moment: bytesOf('","event":"'),
  holder: bytesOf('","holder":"'),
  serial: bytesOf('","serial":"'),
  notBefore: bytesOf('","notBefore":"'),
  notAfter: bytesOf('","notAfter":"'),
  keyType: bytesOf('","keyType":"'),
  fingerprint: bytesOf('","fingerprint":{"sha1":"'),
  sha256: bytesOf('","sha256":"'),
  sha384: bytesOf('","sha384":"'),
  sha512: bytesOf('","sha512":"'),
  publicKey: bytesOf('"},"publicKeyFingerprint":{"sha1":"'),
  certificate: bytesOf('"},"certificate":"'),
  equals: bytesOf('='),
  overlap: bytesOf(',"overlap":'),
  quote: bytesOf('"'),
  end: bytesOf('}'),
  endOfText: bytesOf('"}'),
} as const;
const roles = ['client', 'server', 'authority'] as const;
const longest = Number.MAX_SAFE_INTEGER;

/**
 * Reads the two kinds of lines of which a ledger nearly wholly consists, as `printEvents` writes them: each byte is checked, and the
 * values are parts of the whole text, in a twentieth of the time that parsing a line as JSON and judging its fields takes. What does
 * not look exactly so (an edited line, another order of fields, a name with an escaped character) is none of these and means the
 * same.
 */
export class UsualLines {
  private readonly text: string;
  private readonly scanner: LedgerScanner;

  /** `text`: the same bytes as Latin-1, so that places in both are the same. */
  constructor(bytes: Uint8Array, text: string) {
    this.text = text;
    this.scanner = new LedgerScanner(bytes);
  }

  /** The event of the line there; undefined when it is no usual one. */
  read(start: number, end: number): LedgerEvent | undefined {
    const { scanner } = this;
    scanner.line(start, end);
    const at = this.time(lead.at, recent.at);
    if (at === undefined) return undefined;
    recent.at = at;
    if (scanner.literal(lead.issued)) return this.issued(at);
    const event = this.word<Moment>(lead.moment, moments);
    const holder = event && this.value(lead.holder, plain, longest);
    const serial = holder && this.value(lead.serial, lowerHex, 40);
    if (!event || !holder || !serial || !scanner.literal(lead.endOfText) || !scanner.isDone()) return undefined;
    return { at, event, holder: utf8(holder), serial };
  }

  private issued(at: string): LedgerEvent | undefined {
    const { scanner } = this;
    const role = this.word(nothing, roles);
    const holder = role && this.value(lead.holder, plain, longest);
    const serial = holder && this.value(lead.serial, lowerHex, 40);
    const notBefore = serial && this.time(lead.notBefore, recent.notBefore);
    const notAfter = notBefore && this.time(lead.notAfter, recent.notAfter);
    const keyType = notAfter && this.word(lead.keyType, keyTypes);
    const fingerprint = keyType && this.fingerprints(lead.fingerprint);
    const publicKeyFingerprint = fingerprint && this.fingerprints(lead.publicKey);
    if (!role || !holder || !serial || !notBefore || !notAfter || !keyType) return undefined;
    if (!fingerprint || !publicKeyFingerprint || !scanner.literal(lead.certificate)) return undefined;
    const start = scanner.at;
    if (!scanner.some(base64, longest)) return undefined;
    if (scanner.literal(lead.equals)) scanner.literal(lead.equals);
    const certificate = this.text.slice(start, scanner.at);
    if (!scanner.literal(lead.quote)) return undefined;
    const overlap = this.value(lead.overlap, digit, 10);
    if (!scanner.literal(lead.end) || !scanner.isDone()) return undefined;
    recent.notBefore = notBefore;
    recent.notAfter = notAfter;
    const issued: Extract<LedgerEvent, { event: 'issued' }> = {
      ...{ at, event: 'issued', role, holder: utf8(holder), serial, notBefore, notAfter, keyType },
      ...{ fingerprint, publicKeyFingerprint, certificate },
    };
    return overlap === undefined ? issued : { ...issued, overlap: Number(overlap) };
  }

  private value(before: Uint8Array, kind: number, most: number): string | undefined {
    if (!this.scanner.literal(before)) return undefined;
    const start = this.scanner.at;
    return this.scanner.some(kind, most) ? this.text.slice(start, this.scanner.at) : undefined;
  }

  /** One of a few words, which then is that word itself. */
  private word<Word extends string>(before: Uint8Array, words: readonly Word[]): Word | undefined {
    if (!this.scanner.literal(before)) return undefined;
    const start = this.scanner.at;
    const found = words.find((word) => this.text.startsWith(word, start) && this.text[start + word.length] === '"');
    if (found !== undefined) this.scanner.at = start + found.length;
    return found;
  }

  /** ISO 8601 in UTC; `guess` itself where it is that, for a fleet's certificates are issued within few seconds. */
  private time(before: Uint8Array, guess: string): string | undefined {
    if (!this.scanner.literal(before)) return undefined;
    const start = this.scanner.at;
    if (guess !== '' && this.text.startsWith(guess, start)) {
      this.scanner.at = start + guess.length;
      return guess;
    }
    if (!this.scanner.some(plain, 40)) return undefined;
    const text = this.text.slice(start, this.scanner.at);
    const isTime = timeForm.test(text) && !Number.isNaN(Date.parse(text));
    return isTime ? text : undefined;
  }

  private fingerprints(before: Uint8Array): FingerprintSet | undefined {
    const sha1 = this.pairs(before, 20);
    const sha256 = sha1 && this.pairs(lead.sha256, 32);
    const sha384 = sha256 && this.pairs(lead.sha384, 48);
    const sha512 = sha384 && this.pairs(lead.sha512, 64);
    return sha1 && sha256 && sha384 && sha512 ? { sha1, sha256, sha384, sha512 } : undefined;
  }

  private pairs(before: Uint8Array, count: number): string | undefined {
    if (!this.scanner.literal(before)) return undefined;
    const start = this.scanner.at;
    return this.scanner.pairs(count) ? this.text.slice(start, this.scanner.at) : undefined;
  }
}

/** What the bytes of a text in Latin-1 mean. Host names are ASCII; the name of an authority may be anything. */
function utf8(latin1: string): string {
  return /^[ -~]*$/.test(latin1) ? latin1 : Buffer.from(latin1, 'latin1').toString('utf8');
}

const nothing = new Uint8Array();
const timeForm = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z$/;

/** Times of the line before. */
const recent = { at: '', notBefore: '', notAfter: '' };

/** Reads one such line; undefined when it is none. */
export function readUsual(line: string): LedgerEvent | undefined {
  const bytes = Buffer.from(line, 'utf8');
  return new UsualLines(bytes, bytes.toString('latin1')).read(0, bytes.length);
}
