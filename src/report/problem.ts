import type { Problem } from '../lib/problem.ts';

/** One problem as people read it: `file:line:column: message`, the hint on a line of its own. */
export function problemText(problem: Problem): string {
  const where =
    problem.where === undefined ? '' : `${problem.where.file}:${problem.where.line}:${problem.where.column}: `;
  const hint = problem.hint === undefined ? '' : `hint: ${shown(problem.hint)}\n`;
  return `certrelay: ${where}${shown(problem.message)}\n${hint}`;
}

/** Longer than this nobody reads; a damaged file may have anything in a line. */
const longest = 1000;

/** A message quotes what files and people say: nothing of it may steer the terminal, or fill it. */
function shown(text: string): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}

/** What a person should know and need not act on, in the same form. */
export function noteText(problem: Problem): string {
  return problemText(problem).replace(/^certrelay: /, 'note: ');
}
