import { CertrelayError, type Problem } from '../../lib/problem.ts';
import type { Options } from '../command.ts';
import type { WizardContext } from './context.ts';
import type { Choice, InputQuestion, Known, SelectQuestion } from './question.ts';

type Judge = Pick<WizardContext, 'check' | 'readFile'>;

/** Why a line of text cannot be the answer, message first, hint on a line of its own; undefined when it can. */
export async function refusalOf(
  question: InputQuestion,
  text: string,
  known: Known,
  judge: Judge,
): Promise<string | undefined> {
  const own = question.refuse?.(text, known);
  if (own !== undefined) return own;
  const path = question.reads?.(text);
  if (path !== undefined) {
    const failure = await judge.readFile(path).then(() => undefined, reasonOf);
    if (failure !== undefined) return `cannot read "${path}": ${failure}`;
  }
  const options = question.options(text, known);
  if (question.closes) return told(judged({ ...known.options, ...options }, judge));
  return told(newProblems(options, known.options, judge));
}

/** A choice with the reason why it cannot be taken, where there is one. */
export interface JudgedChoice extends Choice {
  readonly refused?: string;
}

/** The choices of a question, each judged by the rules of the flags together with what is already known. */
export function judgedChoices(question: SelectQuestion, known: Known, judge: Judge): readonly JudgedChoice[] {
  return question.choices(known).map((choice) => {
    const refused = newProblems(question.options(choice.value, known), known.options, judge)[0]?.message;
    return refused === undefined ? choice : { ...choice, refused };
  });
}

/** What is wrong with the options as such; what a question that is still to come will answer is not. */
export function standingProblems(options: Options, judge: Pick<Judge, 'check'>): readonly Problem[] {
  return judged(options, judge).filter(({ code }) => !answerable.has(code));
}

/** Problems that only say that something was not given yet, which some question asks for. */
const answerable = new Set(['server-missing', 'client-missing', 'keep-without-server-ca']);

/** What an answer makes wrong that was not wrong before it: the rest is not this question's to complain about. */
function newProblems(answer: Options, before: Options, judge: Judge): readonly Problem[] {
  const identity = ({ code, message }: Problem) => `${code} ${message}`;
  const known = new Set(standingProblems(before, judge).map(identity));
  return standingProblems({ ...before, ...answer }, judge).filter((problem) => !known.has(identity(problem)));
}

/** A file that an option names may turn out to be unreadable while it is checked. */
function judged(options: Options, judge: Pick<Judge, 'check'>): readonly Problem[] {
  try {
    return judge.check(options);
  } catch (error) {
    if (error instanceof CertrelayError) return error.problems;
    throw error;
  }
}

function told(problems: readonly Problem[]): string | undefined {
  if (problems.length === 0) return undefined;
  return problems
    .flatMap(({ message, hint }) => (hint === undefined ? [message] : [message, `hint: ${hint}`]))
    .join('\n');
}

function reasonOf(error: unknown): string {
  if (error instanceof CertrelayError) return error.problems[0]?.message ?? error.message;
  return error instanceof Error ? error.message : String(error);
}
