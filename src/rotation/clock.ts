import { renewAfter, standardOverlap } from '../inventory/renewal.ts';
import type { Waiting } from './step.ts';

/** ISO 8601 without fractions of a second. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.[0-9]+Z$/, 'Z');
}

interface Validity {
  readonly notBefore: string;
  readonly notAfter: string;
}

/** A plan is made several times in a run, of all certificates there are. */
const renewals = new WeakMap<Validity, string>();

/** When renewal of a certificate is due. */
export function renewalTime(certificate: Validity): string {
  const known = renewals.get(certificate);
  if (known !== undefined) return known;
  const time = workOut(certificate);
  renewals.set(certificate, time);
  return time;
}

function workOut({ notBefore, notAfter }: Validity): string {
  const start = Date.parse(notBefore);
  return isoTime(start + (Date.parse(notAfter) - start) * renewAfter);
}

/** When an overlap of so many seconds that began then is over. */
export function overlapEnd(begun: string, overlap: number = standardOverlap): string {
  return isoTime(Math.ceil(Date.parse(begun) / 1000) * 1000 + overlap * 1000);
}

/** What there is to wait for until a time; nothing when it has come. */
export function until(why: 'renewal' | 'overlap', time: string, now: Date): readonly Waiting[] {
  return Date.parse(time) <= now.getTime() ? [] : [{ kind: 'time', why, until: time }];
}
