import { type Problem, usage } from '../../lib/problem.ts';

/** Seconds before the end, or the part of the lifetime that is over. */
export type Threshold =
  | { readonly kind: 'seconds'; readonly seconds: number }
  | { readonly kind: 'part'; readonly part: number };

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/**
 * Reads `--expires-in`: a duration (`30d`, `36h`, `1w`) before the end, or a percentage of the lifetime that is over (`75%`).
 * Throws a CertrelayError (usage).
 */
export function readThreshold(given: string): Threshold {
  const percent = /^([0-9]{1,3})%$/.exec(given);
  if (percent !== null && Number(percent[1]) <= 100) return { kind: 'part', part: Number(percent[1]) / 100 };
  const duration = /^([0-9]{1,6})([smhdw])$/.exec(given);
  const unit = units[duration?.[2] ?? ''];
  if (duration !== null && unit !== undefined) return { kind: 'seconds', seconds: Number(duration[1]) * unit };
  throw usage(wrong.code, `--expires-in: ${JSON.stringify(given.slice(0, 40))} ${wrong.message}`, wrong.hint);
}

const wrong: Problem = {
  code: 'expires-in-form',
  message: 'is neither a duration nor a percentage',
  hint: 'e.g. 30d (units s m h d w), or 75% of the lifetime',
};

interface Validity {
  readonly notBefore: string;
  readonly notAfter: string;
}

/** Past its end, to the millisecond. */
export function hasExpired({ notAfter }: Validity, now: Date): boolean {
  return Date.parse(notAfter) <= now.getTime();
}

/** The end is that near, or that much of the lifetime is over. */
export function isWithin({ notBefore, notAfter }: Validity, threshold: Threshold, now: Date): boolean {
  const [start, end] = [Date.parse(notBefore), Date.parse(notAfter)];
  return threshold.kind === 'seconds'
    ? end - now.getTime() <= threshold.seconds * 1000
    : now.getTime() - start >= (end - start) * threshold.part;
}
