import type { AccessAnswer } from '../lists/access-lookup.ts';
import { isFailure, tableError } from '../lists/actions.ts';
import { type Check, DUNNO, OK, type Run } from '../lists/run.ts';
import type { Scope, Site } from '../lists/scope.ts';
import type { Question } from '../questions/facts.ts';

/** Asks an access table and does what it says. Each right-hand side is compiled when it is first met. */
export function applyAccess(site: Site, question: Question<AccessAnswer>, scope: Scope, table: string): Check {
  const compiled = new Map<string, Check>();
  const failure = tableError(scope);
  return (run) => {
    const answer = run.ask(question);
    if (answer === undefined) return DUNNO;
    if (isFailure(answer)) return failure(run);
    let check = compiled.get(answer);
    if (check === undefined) {
      check = site.action(answer, scope, table);
      compiled.set(answer, check);
    }
    return check(run);
  };
}

/**
 * Some tables must not permit, for their keys are in the hands of the client: an OK from them is a mistake that the
 * server refuses to act on.
 */
export function neverPermits(site: Site, check: Check, subject: (run: Run) => string): Check {
  return (run) => {
    const status = check(run);
    if (status !== OK || run.discard) return status;
    run.warn(`restriction ${site.written} returns OK for ${subject(run)}`);
    run.warn('this is not allowed for security reasons');
    run.warn('use DUNNO instead of OK if you want to make an exception');
    return run.configFailure();
  };
}
