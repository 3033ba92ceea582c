import type { OptionRow } from '../../lib/option-row.ts';
import type { Command } from '../command.ts';
import { globalOptions, helpOption, versionOption } from '../global-options.ts';

/** What may stand for a value: one of a few words, a file, a folder, a host of the set-up, or what only the user knows. */
export type Kind = 'choices' | 'file' | 'folder' | 'host' | 'text';

/** The value of an option, or the arguments of a command. */
export interface Value {
  /** What help calls it, without brackets and dots: `file`. */
  readonly title: string;
  readonly arity: 'one' | 'many' | 'optional';
  readonly kind: Kind;
  readonly choices: readonly string[];
}

export interface Flag {
  readonly long: string;
  readonly short?: string;
  readonly doc: string;
  /** As help shows it: `--out <dir>`. */
  readonly shown: string;
  readonly value?: Value;
}

export interface CommandGrammar {
  readonly name: string;
  readonly doc: string;
  /** As help shows them, e.g. `[name...]`; empty when there are none. */
  readonly shownArguments: string;
  readonly examples: Command['examples'];
  readonly flags: readonly Flag[];
  readonly values: readonly Value[];
}

/** The command line as data: what completions and the man page are made of. */
export interface Grammar {
  readonly flags: readonly Flag[];
  readonly commands: readonly CommandGrammar[];
}

/** Placeholders that say by themselves what stands there; `path=file` is completed behind its `=`. */
const kinds: Readonly<Record<string, Kind>> = {
  file: 'file',
  path: 'file',
  'path=file': 'file',
  old: 'file',
  new: 'file',
  dir: 'folder',
};

/** The grammar of `rows`, and of `help`, which is no row. */
export function grammarOf(rows: readonly Command[]): Grammar {
  const commands = rows.map((row) => ({
    name: row.name,
    doc: row.doc,
    shownArguments: row.args ?? '',
    examples: row.examples,
    flags: [...row.options, ...globalOptions, helpOption].map(flagOf),
    values: (row.args ?? '').split(' ').flatMap((word) => standsFor(word, row.argumentChoices, row.completes)),
  }));
  const topics = [...commands.map(({ name }) => name), 'exit-codes'];
  const help: CommandGrammar = {
    name: 'help',
    doc: 'help for a command, or "exit-codes"',
    shownArguments: '[topic]',
    examples: [],
    flags: [flagOf(helpOption)],
    values: standsFor('[topic]', topics),
  };
  return { flags: [versionOption, helpOption].map(flagOf), commands: [...commands, help] };
}

function flagOf(row: OptionRow): Flag {
  const [, short, long = '', placeholder = ''] = /^(?:(-\w), )?(--[\w-]+)(?: (\S+))?$/.exec(row.flags) ?? [];
  const [value] = standsFor(placeholder, row.choices, row.completes);
  const fallback = row.fallback === undefined ? '' : ` (default ${row.fallback})`;
  return {
    long,
    doc: `${row.doc}${fallback}`,
    shown: row.flags,
    ...(short === undefined ? {} : { short }),
    ...(value === undefined ? {} : { value }),
  };
}

/** The value behind one placeholder, such as `<file...>` or `[depth]`; none for an empty text. */
function standsFor(placeholder: string, choices: readonly string[] = [], completes?: Kind): Value[] {
  const [, bracket, title = '', dots] = /^([<[])([^.\]>]+)(\.\.\.)?[\]>]$/.exec(placeholder) ?? [];
  if (bracket === undefined) return [];
  const kind = choices.length > 0 ? 'choices' : (completes ?? kinds[title] ?? 'text');
  return [{ title, arity: dots !== undefined ? 'many' : bracket === '[' ? 'optional' : 'one', kind, choices }];
}
