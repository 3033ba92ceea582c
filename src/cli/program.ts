import { Command as Commander, CommanderError, Option } from 'commander';
import type { OptionRow } from '../lib/option-row.ts';
import { exitCodes, usage } from '../lib/problem.ts';
import { certrelayVersion } from '../lib/version.ts';
import { noteText } from '../report/problem.ts';
import type { Command, Io, Options } from './command.ts';
import type { CommandGroup } from './commands/index.ts';
import { globalOptions, helpOption, versionOption } from './global-options.ts';

/** What the command line asks for: a command to run, or a text that was already printed. */
export interface Invocation {
  readonly command: Command;
  readonly args: readonly string[];
  readonly options: Options;
}

/**
 * Reads the arguments after `certrelay` by the rows of commands.
 * Help and version go to standard output and yield undefined (exit 0); misuse throws a usage problem (exit 2).
 */
export function parseCommandLine(
  argv: readonly string[],
  groups: readonly CommandGroup[],
  io: Io,
): Invocation | number | undefined {
  const commands = groups.flatMap((group) => group.commands);
  let chosen: Invocation | undefined;
  let complaint = '';
  const configure = (commander: Commander): Commander =>
    commander
      .exitOverride()
      .showSuggestionAfterError(true)
      .configureOutput({
        writeOut: (text) => io.stdout.write(text),
        writeErr: (text) => {
          complaint += text;
        },
        getOutHelpWidth: () => io.stdout.columns ?? 100,
        getErrHelpWidth: () => io.stderr.columns ?? 100,
      });

  const root = configure(new Commander('certrelay'))
    .description(
      'Mail relay by TLS client certificate between Postfix hosts: certificates, maps, main.cf, and the proof.',
    )
    .usage('COMMAND [options]')
    // All of them take options.
    .configureHelp({
      subcommandTerm: (sub) => `${sub.name()} ${sub.usage().replace('[options]', '')}`.replace(/ +/g, ' ').trim(),
    })
    .version(certrelayVersion, versionOption.flags, versionOption.doc)
    .helpOption(helpOption.flags, 'print help; "certrelay COMMAND --help" for one command')
    .addHelpCommand(false)
    .addHelpText('before', startText);
  const rows = groups.flatMap(({ heading, commands: rows }) => rows.map((row) => ({ row, heading })));
  for (const { row, heading } of rows) {
    const sub = configure(root.command(row.name))
      .description(row.doc)
      .helpGroup(heading)
      .helpOption(helpOption.flags, helpOption.doc)
      .addHelpText('beforeAll', examplesText(row))
      .action((...given: unknown[]) => {
        chosen = { command: row, args: positionals(given), options: renamed(row, sub.opts() as Options, io) };
      });
    if (row.args !== undefined) sub.arguments(row.args);
    for (const option of [...row.options, ...globalOptions]) sub.addOption(toOption(option));
    for (const option of row.options) addFormer(sub, option);
  }
  const help = root
    .command('help [topic]')
    .description('help for a command, or "exit-codes"')
    .helpGroup('Shell integration:');
  configure(help).action((topic: string | undefined) => {
    if (topic === 'exit-codes') io.stdout.write(exitCodesText());
    else if (topic === undefined) root.outputHelp();
    else {
      const sub = root.commands.find((command) => command.name() === topic);
      if (sub === undefined)
        throw usage('unknown-topic', `no help on "${topic}"`, 'topics: the commands, and exit-codes');
      sub.outputHelp();
    }
  });

  if (argv.length === 0) {
    // Called with nothing to do: the help is the message, and a script that lost its arguments must notice.
    io.stderr.write(root.helpInformation());
    return exitCodes.usage[0];
  }
  try {
    root.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw misuse(complaint === '' ? error.message : complaint, argv, commands);
  }
  return chosen;
}

/** What to do first, in three lines; the list of commands is long. */
const startText = `Start here:
  certrelay init             a few questions, then everything is made and verified
  certrelay explain FILE…    why mail was refused: from main.cf, tables and a piece of mail log
  certrelay help exit-codes  what each exit code means
`;

/** commander's complaint as a problem: its second sentence or its suggestion becomes the hint. */
function misuse(complaint: string, argv: readonly string[], commands: readonly Command[]) {
  const [first = '', ...rest] = complaint.trim().split('\n');
  const [message = '', ...more] = first
    .replace(/^error: /, '')
    .replaceAll("'", '"')
    .split(/\. (?=[A-Z])/);
  const suggestion = rest.map((line) => line.trim().replace(/^\(|\)$/g, '')).filter((line) => line !== '');
  const command = commands.find(({ name }) => name === argv[0])?.name;
  const help = `see "certrelay ${command === undefined ? '' : `${command} `}--help"`;
  const hint = suggestion[0] ?? (more.length === 0 ? help : `${more.join('. ').replace(/\.$/, '')}; ${help}`);
  return usage(
    'command-line',
    message.replace(/\.$/, ''),
    hint.replace(/^[A-Z]/, (letter) => letter.toLowerCase()),
  );
}

function positionals(given: readonly unknown[]): string[] {
  // commander passes each positional, then the options and the command itself.
  return given
    .slice(0, -2)
    .flat()
    .filter((value): value is string => typeof value === 'string');
}

function toOption(row: Command['options'][number]): Option {
  const option = new Option(row.flags, row.fallback === undefined ? row.doc : `${row.doc} (default ${row.fallback})`);
  return row.choices === undefined ? option : option.choices(row.choices);
}

/** The name that an option had in the release before: help, completion and the manual page do not show it. */
function addFormer(sub: Commander, { flags, formerFlags }: OptionRow): void {
  if (formerFlags === undefined) return;
  sub.addOption(new Option(formerFlags).hideHelp().conflicts(new Option(flags).attributeName()));
}

/** The options under their present names, with a note for each that came under its former one. */
function renamed(row: Command, options: Options, io: Io): Options {
  const present: Record<string, Options[string]> = { ...options };
  for (const { flags, formerFlags } of row.options) {
    if (formerFlags === undefined) continue;
    const [former, now] = [new Option(formerFlags), new Option(flags)];
    const value = present[former.attributeName()];
    if (value === undefined) continue;
    delete present[former.attributeName()];
    present[now.attributeName()] = value;
    if (options.quiet === true) continue;
    const message = `${former.long} is now called ${now.long}; the next release refuses the old name`;
    io.stderr.write(noteText({ code: 'option-renamed', message }));
  }
  return present;
}

function examplesText(row: Command): string {
  const lines = row.examples.map(([line, doc]) => `  ${line}\n      ${doc}\n`);
  return lines.length === 0 ? '' : `Examples:\n${lines.join('')}\n`;
}

function exitCodesText(): string {
  return Object.values(exitCodes)
    .map(([code, meaning]) => `${String(code).padStart(3)}  ${meaning}\n`)
    .join('');
}
