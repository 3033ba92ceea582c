import type { ListMatch } from '../../postfix/config.ts';
import { TableFailure } from '../../postfix/config.ts';
import type { Trail } from '../questions/trail.ts';

/** A match list's answer, with an assumption for each table of unknown content; undefined when a lookup failed. */
export function matched(answer: ListMatch, trail: Trail): boolean | undefined {
  const known = matchResult(answer, trail);
  return known instanceof TableFailure ? undefined : known;
}

/** The same, with the failure itself when a lookup failed. */
export function matchResult(answer: ListMatch, trail: Trail): boolean | TableFailure {
  let known = answer;
  while (typeof known === 'object' && !(known instanceof TableFailure)) {
    const isListed = trail.suppose(`table ${known.opaque.spec} key "${known.key}"`, [true, false]);
    known = isListed ? known.listed : known.otherwise();
  }
  return known;
}
