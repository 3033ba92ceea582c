import { CertrelayError, type Problem } from '../../../src/lib/problem.ts';
import { problemText } from '../../../src/report/problem.ts';

/** Runs a parser that may refuse its input; what it throws has to be a problem that people understand. */
export async function refusing<T>(parse: () => T | Promise<T>, placedIn?: string): Promise<T | undefined> {
  try {
    return await parse();
  } catch (error) {
    if (!(error instanceof CertrelayError)) throw error;
    if (error.problems.length === 0) throw new Error('refused without a word');
    for (const problem of error.problems) checkProblem(problem, placedIn);
    return undefined;
  }
}

/** `placedIn`: the file that the problem has to name, with a line and a column or, where it has fields, with those. */
export function checkProblem(problem: Problem, placedIn?: string): void {
  const { message, where, hint } = problem;
  const said = JSON.stringify(message.slice(0, 200));
  if (message.trim() === '') throw new Error('a problem without a message');
  if (hint !== undefined && hint.trim() === '') throw new Error(`an empty hint: ${said}`);
  const shown = problemText(problem);
  if (shown.length > 3_000) throw new Error(`a message of ${shown.length} characters: ${said}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what a message must not hold
  if (/[\0-\x09\x0b-\x1f\x7f]/.test(shown)) throw new Error(`control characters in a message: ${said}`);
  if (/internal error|undefined|\[object |NaN/.test(message.replace(/".*"/g, '')))
    throw new Error(`not for people: ${said}`);
  if (placedIn === undefined || (where === undefined && message.startsWith(`"${placedIn}": `))) return;
  if (where === undefined) throw new Error(`no place: ${said}`);
  if (where.file !== placedIn || !(where.line >= 1) || !(where.column >= 1))
    throw new Error(`no such place: ${JSON.stringify(where)}: ${said}`);
}
