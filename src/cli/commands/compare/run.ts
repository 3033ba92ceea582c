import { readSide, type Side } from '../../../diagnose/evidence/read-side.ts';
import { tablesNotGiven } from '../../../diagnose/evidence/tables-not-given.ts';
import { exitCodes } from '../../../lib/problem.ts';
import { type Change, compare } from '../../../policy/explore/compare.ts';
import type { Outcome } from '../../../policy/explore/result.ts';
import { type ComparisonReport, comparisonText, type ReportedChange } from '../../../report/audit/compare.ts';
import { comparisonDocument } from '../../../report/audit/compare-document.ts';
import type { LocatedElement } from '../../../report/audit/path-words.ts';
import { simulateLine } from '../../../report/simulate-line.ts';
import type { Io, Options } from '../../command.ts';
import { textOption } from '../../option-values.ts';
import { readQuestion } from '../audit/question.ts';
import { serverRequest } from '../simulate/request.ts';

/** Compares two configurations; leaves with 5 when anything differs. */
export function runCompare([before = '', after = '']: readonly string[], options: Options, io: Io): number {
  const question = readQuestion(options, 'any');
  const request = serverRequest(options);
  const old = readSide(before, { ...request, release: textOption(options.oldPostfix) ?? request.release }, io.cwd);
  const now = readSide(after, { ...request, release: textOption(options.newPostfix) ?? request.release }, io.cwd);
  const comparison = compare(old.config, now.config, question.query);
  const report: ComparisonReport = {
    ...{ question: question.name, comparison },
    sides: [old, now].map(({ name, config, release }) => ({ name, postfix: config.version.text, release })),
    changes: comparison.changes.map((change) => reported(change, [old, now])),
    problems: [old, now].flatMap(({ problems, config }) => [...problems, ...tablesNotGiven(config)]),
  };
  if (options.json === true) io.stdout.write(`${JSON.stringify(comparisonDocument(report), undefined, 2)}\n`);
  else if (options.quiet !== true || report.changes.length > 0) io.stdout.write(comparisonText(report));
  // Where the limit was reached, "the same" would be a guess.
  if (report.changes.length > 0) return exitCodes.findings[0];
  return comparison.limited ? exitCodes.unknown[0] : exitCodes.done[0];
}

function reported(change: Change, sides: readonly [Side, Side]): ReportedChange {
  const { witness } = change.example;
  const told = witness.supposed.length === 0;
  const [before, after] = [change.before, change.after].map((outcome, i) => {
    const side = sides[i];
    const by = side === undefined ? undefined : elementOf(outcome, side);
    const line = told && side !== undefined ? simulateLine(side.flags, witness, outcome) : undefined;
    return {
      ...(by === undefined ? {} : { by }),
      ...(line === undefined ? {} : { command: line }),
    };
  });
  return { change, before: before ?? {}, after: after ?? {} };
}

/** What refused, or what permitted in the list that guards against relaying. */
function elementOf({ decidedBy, permits }: Outcome, side: Side): LocatedElement | undefined {
  const guard = permits.find(({ list }) => list === 'smtpd_relay_restrictions');
  const place = decidedBy[0] ?? guard ?? permits.at(-1);
  if (place === undefined) return undefined;
  const where = side.where(place);
  return where === undefined ? { place } : { place, where };
}
