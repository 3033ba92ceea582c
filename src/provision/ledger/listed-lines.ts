import type { LedgerEvent } from '../settings/types.ts';

/** A line of a relay_clientcerts from elsewhere: a fingerprint that is admitted although its certificate is not known. */
export interface ListedLine {
  /** The value of the line: as a rule a host name. */
  readonly holder: string;
  /** Upper-case hex pairs with colons; the digest is told by its length. */
  readonly fingerprint: string;
  /** The comment lines above it, without `#`. */
  readonly comments: readonly string[];
  readonly listed: string;
  readonly retired: string | undefined;
  readonly revoked: string | undefined;
  /** Positions in the order of what happened, comparable with those of certificates. */
  readonly order: Readonly<Partial<Record<'listed' | 'retired' | 'revoked', number>>>;
}

/** The digests of fingerprints by the length of the text; Postfix takes md5 too, certrelay only recognises it. */
const digestOfLength: Readonly<Record<number, 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512'>> = {
  47: 'md5',
  59: 'sha1',
  95: 'sha256',
  143: 'sha384',
  191: 'sha512',
};

/** The digest that a fingerprint in Postfix's form is of; undefined for a length that no digest has. */
export function digestOf(fingerprint: string) {
  return digestOfLength[fingerprint.length];
}

/** True for the serial-number field of an event that is about a listed line, not a certificate. */
export function isFingerprint(serial: string): boolean {
  return serial.includes(':');
}

/** The line is in force: nobody took it out. */
export function isListed(line: ListedLine): boolean {
  return line.retired === undefined && line.revoked === undefined;
}

/**
 * Applies one event about a listed line; answers what is wrong with it, if anything. `next` takes the next place in the order
 * of what happened.
 */
export function foldListed(lines: Map<string, ListedLine>, event: LedgerEvent, next: () => number): string | undefined {
  if (event.event === 'listed') {
    const { at, holder, fingerprint, comments } = event;
    const known = lines.get(fingerprint);
    if (known !== undefined) {
      return known.holder === holder ? undefined : `the fingerprint "${fingerprint}" is listed for two holders`;
    }
    const open = { retired: undefined, revoked: undefined, order: { listed: next() } };
    lines.set(fingerprint, { holder, fingerprint, comments, listed: at, ...open });
    return undefined;
  }
  if (event.event !== 'retired' && event.event !== 'revoked') {
    return `a listed fingerprint cannot be "${event.event}"`;
  }
  const known = lines.get(event.serial);
  if (known === undefined) return `the fingerprint "${event.serial}" is ${event.event} but was never listed`;
  if (known[event.event] !== undefined) return undefined;
  const order = { ...known.order, [event.event]: next() };
  lines.set(event.serial, { ...known, [event.event]: event.at, order });
  return undefined;
}
