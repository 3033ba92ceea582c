import type { Problem } from '../../lib/problem.ts';
import type { Inventory } from '../../provision/settings/types.ts';
import type { Io, Options } from '../command.ts';

/** An operating system whose Postfix is known: name as in `--os`, version `X.Y.Z`, table type of `$default_database_type`. */
export interface SystemPreset {
  readonly name: string;
  readonly version: string;
  readonly tableType: string;
}

/**
 * The streams of the terminal; the keys come from `input`, the prompts are drawn on `output`, which must outlive what is
 * piped into it, as the standard streams of the process do.
 */
export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** What the questions need of the world, so that the wizard itself touches nothing but the terminal. */
export interface WizardContext {
  readonly io: Pick<Io, 'stderr' | 'env'>;
  /** What the folder holds already; absent on a new set-up. */
  readonly existing?: Inventory;
  readonly presets: readonly SystemPreset[];
  /** Options (camel case) that a file of answers settles; they are not asked. */
  readonly configured?: readonly string[];
  /** Version of the Postfix on this machine, when there is one. */
  readonly detectedPostfix?: string;
  /** Validates a partial set of options by the rules of the flags; what is missing is no problem yet. */
  check(options: Options): readonly Problem[];
  /** Rejects when the file cannot be read; only that is of interest here. */
  readFile(path: string): Promise<string>;
  /** Lines saying what would be made, and where. */
  summary(options: Options): Promise<readonly string[]>;
  /** Default: standard input and standard error of the process. */
  readonly terminal?: Terminal;
}

/** The answers as if they had been flags; the passphrase apart, because it must never be one. */
export interface WizardResult {
  readonly options: Options;
  readonly passphrase?: string;
}
