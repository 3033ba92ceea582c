/** Where in an input something stands; lines and columns count from 1. */
export interface Span {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Expected trouble as a value: what is wrong, where, and what to do about it.
 * `message` is lower case, has no full stop, and quotes the user's text as Postfix does ("…").
 */
export interface Problem {
  /** Stable identifier for programs, e.g. `main-cf-unterminated`. */
  readonly code: string;
  readonly message: string;
  readonly where?: Span;
  readonly hint?: string;
}

/** The exit codes of the command line; `certrelay help exit-codes` prints this very table. */
export const exitCodes = {
  done: [0, 'done, permitted, nothing to report'],
  failure: [1, 'failure (input or output, internal)'],
  usage: [2, 'usage or invalid input'],
  denied: [3, 'denied, or an expectation not met'],
  unknown: [4, 'unknown: the answer needs something that was not given'],
  findings: [5, 'findings'],
  changes: [6, 'changes pending (--check)'],
  locked: [7, 'locked by another run'],
  interrupted: [130, 'interrupted (Ctrl-C, SIGINT)'],
  terminated: [143, 'ended by SIGTERM'],
} as const;

export type ExitName = keyof typeof exitCodes;

/** Ends a command with one or more problems and a documented exit code. Only `commands/command-line.ts` prints it. */
export class CertrelayError extends Error {
  readonly exit: ExitName;
  readonly problems: readonly Problem[];

  constructor(exit: ExitName, ...problems: readonly Problem[]) {
    super(problems.map((problem) => problem.message).join('; '));
    this.name = 'CertrelayError';
    this.exit = exit;
    this.problems = problems;
  }
}

/** Shorthand for the most frequent case: invalid input, exit code 2. */
export function usage(code: string, message: string, hint?: string, where?: Span): CertrelayError {
  return new CertrelayError('usage', {
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(where === undefined ? {} : { where }),
  });
}
