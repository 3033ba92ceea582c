import { lstatSync, readFileSync, statSync } from 'node:fs';
import type { Part } from '../../policy/identities/judge.ts';
import { readValues } from '../../policy/postfix/postconf-values.ts';
import type { PostfixPrograms } from '../programs/postfix-programs.ts';

/** The configuration of a host as texts, complete enough for the simulator. */
export interface HostTexts {
  readonly mainCf: readonly Part[];
  readonly masterCf: string;
  /** By path, what main.cf and master.cf name and is there as text. */
  readonly tables: Readonly<Record<string, string>>;
}

/** No source of a table that a person keeps is larger. */
const largest = 256 * 1_048_576;

/** What Postfix works out when it starts, where main.cf does not say it. */
const workedOut = ['myhostname', 'mydomain', 'mynetworks'] as const;

/**
 * Reads what the programs' configuration directory holds, and the sources of the tables that it names. `config` is the
 * directory that it stands for, where it is a copy.
 */
export function hostTexts(programs: PostfixPrograms, config = programs.config): HostTexts {
  const { stdout: expanded } = programs.postconf('-xn');
  const set = readValues(expanded);
  const facts = [...programs.expandedValues(...workedOut)].filter(([name]) => !set.has(name));
  const directory = `config_directory = ${config}\n`;
  const worked = facts.map(([name, value]) => `${name} = ${value}\n`).join('');
  return {
    mainCf: [
      { name: 'what this host works out', text: `${worked}${directory}` },
      { name: `${config}/main.cf`, text: readFileSync(`${programs.config}/main.cf`, 'utf8') },
    ],
    masterCf: readFileSync(`${programs.config}/master.cf`, 'utf8'),
    tables: tablesIn(`${expanded}${programs.postconf('-xP').stdout}`.replaceAll(`${programs.config}/`, `${config}/`)),
  };
}

/** Certificates, keys, programs and folders are no tables. */
const notTables = /(?:_directory|_path|_file|_files|_program|_CApath|_CAfile|command|_paths)$/;

function tablesIn(lines: string): Readonly<Record<string, string>> {
  const paths = new Set<string>();
  for (const line of lines.split('\n')) {
    const match = /^(?:\S+\/)?([A-Za-z0-9_]+) = (.*)$/.exec(line);
    if (match === null || notTables.test(match[1] ?? '')) continue;
    for (const [, path = ''] of (match[2] ?? '').matchAll(/(?:^|[\s,:{!])(\/[^\s,{}:"]+)/g)) paths.add(path);
  }
  return Object.fromEntries(
    [...paths].flatMap((path) => {
      const text = textOf(path);
      return text === undefined ? [] : [[path, text]];
    }),
  );
}

function textOf(path: string): string | undefined {
  try {
    // A socket or a pipe has no text; a link to a file is what its administrator made of it.
    const status = lstatSync(path).isSymbolicLink() ? statSync(path) : lstatSync(path);
    return status.isFile() && status.size <= largest ? readFileSync(path, 'utf8') : undefined;
  } catch {
    // Not there: the simulator says what it takes for granted.
    return undefined;
  }
}
