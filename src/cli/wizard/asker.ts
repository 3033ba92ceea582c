import type { JudgedChoice } from './refusal.ts';

/**
 * One question put to a person at a time. Every method rejects with `CertrelayError('interrupted')` when the person
 * presses Ctrl-C or the input ends.
 */
export interface Asker {
  /** Lines for the person, wrapped to the width of the terminal. */
  tell(...lines: readonly string[]): void;
  /** What the next question is about: a blank line, then the text, set back from the question. */
  explain(text: string): void;
  /** Text that `refuse` has nothing against; it says what is wrong, or undefined. */
  input(
    message: string,
    fallback: string | undefined,
    refuse: (text: string) => Promise<string | undefined>,
  ): Promise<string>;
  /** The value of a choice that is not refused. */
  select(message: string, choices: readonly JudgedChoice[], fallback: string | undefined): Promise<string>;
  confirm(message: string, fallback: boolean): Promise<boolean>;
  /** Masked text, which `refuse` may turn down as for `input`. */
  password(message: string, refuse?: (text: string) => Promise<string | undefined>): Promise<string>;
}
