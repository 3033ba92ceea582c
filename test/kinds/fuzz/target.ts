import type { Random } from './random.ts';

/** A parser, with inputs that it takes and what has to hold of any other. */
export interface Target {
  readonly name: string;
  /** Real inputs, or nearly; what is played is made of these. `tests` is the folder of tests. */
  samples(tests: string): Promise<readonly Buffer[]> | readonly Buffer[];
  /** Throws when the parser does what it must not: anything but a value or a clear error. */
  run(input: Buffer, random: Random): Promise<void> | void;
}

/** Texts as samples. */
export function texts(...samples: readonly string[]): readonly Buffer[] {
  return samples.map((text) => Buffer.from(text));
}

/** What a parser of texts gets of a file's bytes. */
export function textOf(input: Buffer): string {
  return new TextDecoder().decode(input);
}

const versions = ['2.9', '2.10', '2.11', '3.0', '3.1', '3.2', '3.3', '3.4', '3.5', '3.6', '3.7', '3.8', '3.9', '3.10'];

export function someVersion(random: Random): string {
  return random.one([...versions, '3.11']);
}
