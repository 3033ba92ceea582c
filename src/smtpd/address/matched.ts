import type { MatchList } from '../../postfix/config.ts';
import { TableFailure } from '../../postfix/config.ts';
import type { Trail } from '../trail.ts';

/** A match list's answer with open tables supposed; undefined when the list could not be asked. */
export function matched(answer: ReturnType<MatchList['matchString']>, trail: Trail): boolean | undefined {
  if (typeof answer === 'boolean') return answer;
  if (answer instanceof TableFailure) return undefined;
  return trail.suppose(`table ${answer.opaque.spec} key "${answer.key}"`, [true, false]);
}
