import type { Problem } from '../../../lib/problem.ts';
import { printable } from '../../../lib/text.ts';

/** What Postfix logs about a line of a table's source. */
export function lineWarning(file: string, line: number, message: string, code = 'table-line'): Problem {
  return { code, message: printable(message), where: { file, line, column: 1 } };
}
