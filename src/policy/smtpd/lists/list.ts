import { atLeast, type Version } from '../../postfix/version.ts';
import type { Place } from '../questions/place.ts';
import { type Check, DUNNO, LEFT, OK, type Status } from './run.ts';

/** One element of a list, compiled. */
export interface Element {
  readonly place: Place;
  /** Undefined: the word is warn_if_reject, which changes how the next element is run. */
  readonly check: Check | undefined;
}

/**
 * The driver of one list: its elements in order until one permits or refuses, the message is to be discarded, or
 * both deferral conditions hold.
 */
export function listCheck(elements: readonly Element[], version: Version): Check {
  const checks = elements.map((element) => element.check);
  const places = elements.map((element) => element.place);
  const alone = places.map((place): readonly Place[] => [place]);
  // In 2.9 a modifier at the end of a list stays in force for what follows.
  const endsModifier = atLeast(version, '2.10');
  return (run) => {
    const outer = run.recursion;
    const depth = outer + 1;
    let status: Status = DUNNO;
    for (let i = 0; i < checks.length; i++) {
      if (run.discard) break;
      const place = places[i];
      const single = alone[i];
      const check = checks[i];
      if (place === undefined || single === undefined) break;
      run.stand(outer, place, single);
      if (check === undefined) {
        if (run.warnIfReject === 0) run.warnIfReject = depth;
        continue;
      }
      status = check(run);
      if (status === LEFT) return status;
      if (run.warnIfReject >= depth) run.warnIfReject = 0;
      if (status !== DUNNO) break;
      if (run.deferralIfPermit.active && run.deferralIfReject.active) break;
    }
    if (status === OK) run.permitted(outer);
    run.recursion = outer;
    if (endsModifier && run.warnIfReject >= outer) run.warnIfReject = 0;
    return status;
  };
}
