import type { Inventory } from '../../provision/settings/types.ts';
import type { Options } from '../command.ts';
import type { SystemPreset } from './context.ts';

/** What is known when a question is put. */
export interface Known {
  /** Flags given, and answers so far as if they were flags. */
  readonly options: Options;
  /** Answers so far by question, as chosen; `yes` and `no` for a confirmation. */
  readonly answers: Readonly<Record<string, string>>;
  /** Options that a file of answers settles; their values are not known here. */
  readonly configured: readonly string[];
  readonly existing?: Inventory | undefined;
  readonly presets: readonly SystemPreset[];
  readonly detectedPostfix?: string | undefined;
}

export interface Choice {
  readonly value: string;
  /** What the list shows; short enough for a terminal of 40 columns. */
  readonly name: string;
  /** One line on what it means; shown while the choice is under the cursor. */
  readonly explain: string;
}

interface Row {
  /** The option it answers in camel case, or a name of its own. */
  readonly key: string;
  /** The options that settle it: when one was given the question is not put. Default: the key. */
  readonly settledBy?: readonly string[];
  /** Default: always. */
  when?(known: Known): boolean;
  readonly message: string;
  /** The line above the question that says what it is about. */
  explain(known: Known): string;
  /** What holds when the question is not put; for the list of defaults. */
  standing?(known: Known): string | undefined;
}

/** One line of text. */
export interface InputQuestion extends Row {
  readonly kind: 'input';
  fallback?(known: Known): string | undefined;
  /** What is wrong with the text beyond the rules of the flags. */
  refuse?(text: string, known: Known): string | undefined;
  /** The file that the text names, which must be readable. */
  reads?(text: string): string | undefined;
  /** Nothing may be left open after it: an earlier answer, or a flag, waits for this one. */
  readonly closes?: boolean;
  /** The answer as flags; nothing when it changes nothing. */
  options(text: string, known: Known): Options;
}

/** One of a list. */
export interface SelectQuestion extends Row {
  readonly kind: 'select';
  choices(known: Known): readonly Choice[];
  fallback?(known: Known): string | undefined;
  options(value: string, known: Known): Options;
}

/** Yes or no. */
export interface ConfirmQuestion extends Row {
  readonly kind: 'confirm';
  fallback(known: Known): boolean;
  options(yes: boolean, known: Known): Options;
}

/** A secret, masked and typed twice; empty means none. It becomes no option. */
export interface PasswordQuestion extends Row {
  readonly kind: 'password';
}

export type Question = InputQuestion | SelectQuestion | ConfirmQuestion | PasswordQuestion;

/** Whether the question is put: its time has come, and no flag, file or earlier answer settles it. */
export function isPut(question: Question, known: Known): boolean {
  const settledBy = question.settledBy ?? [question.key];
  const isSettled = settledBy.some((key) => known.configured.includes(key) || isGiven(known.options, key));
  return !isSettled && (question.when?.(known) ?? true);
}

/** Whether an option was given; `--no-x` options read `true` when they were not. */
export function isGiven(options: Options, key: string): boolean {
  const value = options[key];
  return value !== undefined && value !== true && !(Array.isArray(value) && value.length === 0);
}
