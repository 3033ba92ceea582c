import type { Identity } from './expectations.ts';
import { overTls, sessionOf } from './sessions.ts';
import type { Judge, Outcome, Row } from './verify.ts';

/** One certificate, and whether it may relay by intention: before a step, and after it. */
export interface Intention {
  readonly identity: Identity;
  readonly before: boolean;
  readonly after: boolean;
}

const severity: Readonly<Record<Outcome, number>> = { met: 0, unknown: 1, broken: 2 };

/**
 * Compares what the server says to every certificate before and after a step: exactly those that the step is about may come
 * out differently. Undefined when there is no certificate to compare.
 */
export function difference(
  intentions: readonly Intention[],
  foreignAddress: string,
  before: Judge,
  after: Judge,
): Row | undefined {
  let shown: Row | undefined;
  for (const { identity, ...intended } of intentions) {
    const session = sessionOf({
      address: foreignAddress,
      name: identity.client,
      tls: overTls(identity.certificate),
    });
    const then = before(session);
    const judgement = after(session);
    const changes = (then.verdict === 'permit') !== (judgement.verdict === 'permit');
    const isUnknown = then.verdict === 'unknown' || judgement.verdict === 'unknown';
    const isIntended = changes === (intended.before !== intended.after);
    const outcome = isUnknown ? 'unknown' : isIntended ? 'met' : 'broken';
    if (shown !== undefined && severity[outcome] <= severity[shown.outcome]) continue;
    shown = {
      ...{ id: 'difference', doc: 'nobody else gains or loses', wanted: 'as-before', outcome },
      sessions: intentions.length,
      witness: { who: `${identity.client} (serial ${identity.serial})`, session, judgement },
      base: then,
    };
  }
  return shown;
}
