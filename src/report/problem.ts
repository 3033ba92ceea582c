import type { Problem } from '../lib/problem.ts';

/** One problem as people read it: `file:line:column: message`, the hint on a line of its own. */
export function problemText(problem: Problem): string {
  const where =
    problem.where === undefined ? '' : `${problem.where.file}:${problem.where.line}:${problem.where.column}: `;
  return `certrelay: ${where}${problem.message}\n${problem.hint === undefined ? '' : `hint: ${problem.hint}\n`}`;
}

/** What a person should know and need not act on, in the same form. */
export function noteText(problem: Problem): string {
  return problemText(problem).replace(/^certrelay: /, 'note: ');
}
