import type { Refusal } from '../../../hosts/apply/refusals/refusal.ts';
import { exitCodes } from '../../../lib/problem.ts';
import { plainLines, refusedDocument } from '../../../report/apply.ts';
import { problemText } from '../../../report/problem.ts';
import type { Io, Options } from '../../command.ts';

/** Tells a refusal, and answers the exit code. */
export function tellRefusal(refusal: Refusal, options: Options, io: Io): number {
  const { exit, problem, details } = refusal;
  const { hint, ...bare } = problem;
  const shown = details.length === 0 ? '' : `${plainLines(details.join('\n'))}\n`;
  io.stderr.write(`${problemText(bare)}${shown}${hint === undefined ? '' : `hint: ${plainLines(hint)}\n`}`);
  if (options.json === true) io.stdout.write(`${JSON.stringify(refusedDocument(refusal), undefined, 2)}\n`);
  return exitCodes[exit][0];
}
