import type { Problem } from '../../lib/problem.ts';
import type { Change, Comparison } from '../../policy/explore/compare.ts';
import {
  assumptionText,
  conditionText,
  confirmationText,
  elementText,
  type LocatedElement,
  outcomeText,
  sessionText,
} from './path-words.ts';

/** One side of a change: the element behind its reply, and the command that shows it. */
export interface ReportedSide {
  readonly by?: LocatedElement;
  readonly command?: string;
}

export interface ReportedChange {
  readonly change: Change;
  readonly before: ReportedSide;
  readonly after: ReportedSide;
}

/** All that a comparison has to say. */
export interface ComparisonReport {
  readonly question: string;
  readonly comparison: Comparison;
  /** Old and new, with why a release is what it is, where nobody said it. */
  readonly sides: readonly { readonly name: string; readonly postfix: string; readonly release: string }[];
  readonly changes: readonly ReportedChange[];
  readonly problems: readonly Problem[];
}

const kinds = ['newly permitted', 'no longer permitted', 'reply changed'] as const;

/** A comparison for people: what it comes to, then each change with a session that shows it. */
export function comparisonText({ comparison, sides, changes, problems, question }: ComparisonReport): string {
  const { limited, paths, untold } = comparison;
  const numbers = kinds.flatMap((kind) => {
    const number = changes.filter(({ change }) => change.kind === kind).length;
    return number === 0 ? [] : [`${number} ${kind}`];
  });
  const asked =
    question === 'relay' ? 'mail to other sites' : question === 'receive' ? 'mail to own recipients' : 'all mail';
  const verdict =
    numbers.length > 0
      ? `different: ${numbers.join(', ')}`
      : limited
        ? 'no difference so far'
        : 'the same: every session gets the same reply';
  const lines = [
    ...(limited ? [`limited to ${paths} paths, and there are more: what follows is incomplete`] : []),
    verdict,
    ...sides.flatMap(({ name }, i) => fatalLine(changes, name, i)),
    `${sides.map(({ name, postfix }) => `${name} (Postfix ${postfix})`).join(' -> ')}; ${asked}; ${paths} paths followed`,
    ...sides.flatMap(({ release }) => (release === '' ? [] : [`  ${release}`])),
    ...problems.map(({ message }) => `warning: ${message}`),
    '',
    ...kinds.flatMap((kind) => changes.filter(({ change }) => change.kind === kind).flatMap(changeLines)),
    ...untold.map((question) => `not all keys can be listed, every answer was tried: ${question}`),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

/** A side that does not start, with the line that its log would have. */
function fatalLine(changes: readonly ReportedChange[], name: string, side: number): readonly string[] {
  const dead = changes
    .map(({ change }) => (side === 0 ? change.before : change.after))
    .find(({ verdict }) => verdict === 'fatal');
  return dead === undefined ? [] : [`with ${name} the server does not start: ${dead.fatal ?? ''}`];
}

function changeLines({ change, before, after }: ReportedChange): readonly string[] {
  const { kind, conditions, assumptions, example } = change;
  const { witness } = example;
  return [
    `${kind}: ${outcomeText(change.before)} -> ${outcomeText(change.after)}`,
    `     ${conditions.length === 0 ? 'everybody' : conditions.map(conditionText).join('\n     ')}`,
    ...assumptions.slice(0, 5).map((assumption) => `     if ${assumptionText(assumption)}`),
    ...(before.by === undefined ? [] : [`     before by ${elementText(before.by)}`]),
    ...(after.by === undefined ? [] : [`     now by ${elementText(after.by)}`]),
    `     e.g. ${sessionText(witness)}; ${confirmationText(witness)}`,
    ...(before.command === undefined ? [] : [`       ${before.command}`]),
    ...(after.command === undefined ? [] : [`       ${after.command}`]),
    '',
  ];
}
