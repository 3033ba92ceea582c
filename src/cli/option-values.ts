import type { Io, Options } from './command.ts';

/** The value of an option that takes a text. */
export function textOption(value: Options[string]): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The values of an option that may be given several times; undefined when it was not given. */
export function listOption(value: Options[string]): readonly string[] | undefined {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? (value as readonly string[]) : undefined;
}

/** The lines of standard input, undecoded where they are available so. */
export async function* inputLines(stdin: Io['stdin']): AsyncIterable<readonly Buffer[]> {
  if (stdin.lineGroups !== undefined) yield* stdin.lineGroups();
  else for await (const line of stdin.lines()) yield [Buffer.from(line)];
}
