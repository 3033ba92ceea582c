import { usage } from '../../lib/problem.ts';
import { isoSeconds } from '../../lib/text.ts';
import { type Der, element, tags, textOctets } from '../../x509/der.ts';

const second = 1000;
const day = 86_400 * second;
/** Clocks of mail hosts differ a little; a certificate must not be refused as not yet valid by a slow one. */
const backdated = 5 * 60 * second;

/** How long a certificate is valid, to the second; both ends belong to it (RFC 5280, section 4.1.2.5). */
export interface Period {
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** The lifetime asked for was longer than the authority's own and was cut to it. */
  readonly clamped: boolean;
}

/**
 * The period of a certificate issued at `now` for `days`, never beyond `limit`, the authority's notAfter.
 * @throws CertrelayError (usage) for a lifetime that is no positive whole number, goes beyond the year 9999, or has
 * nothing left because the authority has expired.
 */
export function period(now: Date, days: number, limit?: Date): Period {
  const start = Math.floor(now.getTime() / second) * second;
  if (!Number.isInteger(days) || days < 1)
    throw usage('days-invalid', `a lifetime must be a whole number of days from 1, not "${days}"`, 'such as 397');
  const wanted = start + days * day;
  if (!(wanted < Date.UTC(10_000, 0)))
    throw usage(
      'days-invalid',
      `a lifetime of "${days}" days goes beyond the year 9999, the last that X.509 can write`,
      'such as 397',
    );
  if (limit !== undefined && limit.getTime() <= start)
    throw usage('authority-expired', `the authority expired on ${isoSeconds(limit)}`, 'roll the authority over first');
  const clamped = limit !== undefined && wanted > limit.getTime();
  return { notBefore: new Date(start - backdated), notAfter: clamped ? limit : new Date(wanted), clamped };
}

/** The validity of a certificate (RFC 5280, section 4.1.2.5): two digits of the year through 2049, four from then on. */
export function validity({ notBefore, notAfter }: Period): Der {
  return element(tags.sequence, time(notBefore), time(notAfter));
}

function time(date: Date): Der {
  const digits = isoSeconds(date).replace(/[-:T]/g, '');
  return date.getUTCFullYear() < 2050
    ? element(tags.utcTime, textOctets(digits.slice(2)))
    : element(tags.generalizedTime, textOctets(digits));
}
