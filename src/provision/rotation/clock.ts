import { renewAfter, standardOverlap } from '../ledger/renewal.ts';
import type { Waiting } from './step.ts';

/** ISO 8601 without fractions of a second. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.[0-9]+Z$/, 'Z');
}

interface Validity {
  readonly notBefore: string;
  readonly notAfter: string;
}

/** The certificates of a fleet are issued within few seconds, so a few times stand for all. */
const renewals = new Map<string, string>();
const mostKnown = 10_000;

/** When renewal of a certificate is due. */
export function renewalTime({ notBefore, notAfter }: Validity): string {
  const validity = notBefore + notAfter;
  const known = renewals.get(validity);
  if (known !== undefined) return known;
  if (renewals.size === mostKnown) renewals.clear();
  const start = Date.parse(notBefore);
  const time = isoTime(start + (Date.parse(notAfter) - start) * renewAfter);
  renewals.set(validity, time);
  return time;
}

/** When an overlap of so many seconds that began then is over. */
export function overlapEnd(begun: string, overlap: number = standardOverlap): string {
  return isoTime(Math.ceil(Date.parse(begun) / 1000) * 1000 + overlap * 1000);
}

/** What there is to wait for until a time; nothing when it has come. */
export function until(why: 'renewal' | 'overlap', time: string, now: Date): readonly Waiting[] {
  return Date.parse(time) <= now.getTime() ? [] : [{ kind: 'time', why, until: time }];
}
