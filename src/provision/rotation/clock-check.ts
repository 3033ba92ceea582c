import { CertrelayError } from '../../lib/problem.ts';
import type { Stored } from '../state/store.ts';

/** Certificates are backdated by this much, so a clock that is behind by less does no harm. */
const toleranceMs = 300_000;

/**
 * Refuses to write history that lies before what happened already: a clock that was set back would make certificates that
 * end too soon, and overlaps that last too long.
 * @throws CertrelayError (failure)
 */
export function checkClock({ state }: Stored, now: Date): void {
  if (state.latest === undefined || Date.parse(state.latest) - now.getTime() <= toleranceMs) return;
  throw new CertrelayError('failure', {
    code: 'clock-behind',
    message: `the clock says ${now.toISOString()}, but the ledger knows of something that happened at ${state.latest}`,
    hint: 'set the clock of this machine; if it is right now and was wrong then, wait until that time has come or restore the state from a copy',
  });
}
