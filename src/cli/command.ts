import type { OptionRow } from '../lib/option-row.ts';
/** What a command may use of the world; `cli.ts` hands in the real ones, tests their own. */
export interface Io {
  readonly stdout: {
    write(text: string): void;
    readonly isTTY: boolean;
    readonly columns?: number;
    /** True once nobody reads any more (`… | head -1`): what is written from then on is lost. */
    closed?(): boolean;
  };
  readonly stderr: { write(text: string): void; readonly isTTY: boolean; readonly columns?: number };
  readonly stdin: {
    readonly isTTY: boolean;
    text(): Promise<string>;
    lines(): AsyncIterable<string>;
    /** The same, undecoded; lines that come together are one group. Absent: `lines` is asked. */
    lineGroups?(): AsyncIterable<readonly Buffer[]>;
    /** The same as `text`, undecoded: a DER certificate is no text. Absent: only text can be read. */
    bytes?(): Promise<Uint8Array>;
  };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  now(): Date;
  random(bytes: number): Uint8Array;
}

/** Option values as commander yields them: camelCase names, strings, booleans, string lists. */
export type Options = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** A command is data; `run` loads its rooms lazily and returns the exit code. */
export interface Command {
  readonly name: string;
  /** commander syntax of positional arguments, e.g. `[file...]`. */
  readonly args?: string;
  /** Words that may stand for the argument, and what completion offers for it otherwise; as of an option. */
  readonly argumentChoices?: readonly string[];
  readonly completes?: 'file' | 'folder' | 'host';
  readonly doc: string;
  /** Shown first in help: [command line, what it does]. */
  readonly examples: readonly (readonly [string, string])[];
  readonly options: readonly OptionRow[];
  /** `all`: every command, for those that print completion or the manual page. */
  run(args: readonly string[], options: Options, io: Io, all: readonly Command[]): Promise<number>;
}
