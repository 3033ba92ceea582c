import type { OptionRow } from '../../lib/option-row.ts';
import type { Command } from '../command.ts';
import { limitOption, serverOptions } from './audit/options.ts';

const ofBoth = ['--postfix', '--service', '--table'];

/** The options of `compare`: those of the server hold for both sides. */
const compareOptions: readonly OptionRow[] = [
  ...serverOptions.filter(({ flags }) => ofBoth.some((name) => flags.startsWith(`${name} `))),
  { flags: '--old-postfix <version>', doc: 'the release of the old side, where the two differ' },
  { flags: '--new-postfix <version>', doc: 'the release of the new side' },
  {
    flags: '--for <question>',
    doc: "relay: mail to other sites; receive: to the servers' own recipients; any: both",
    choices: ['any', 'relay', 'receive'],
    fallback: 'any',
  },
  limitOption,
];

/** Who is newly permitted, and who no longer, between two configurations. */
export const compare: Command = {
  name: 'compare',
  args: '<old> <new>',
  doc: 'who is newly permitted, who no longer, and whose reply changed between two configurations',
  examples: [
    ['certrelay compare main.cf main.cf.new', 'two files; tables that lie beside them are found by themselves'],
    ['certrelay compare /var/backups/postfix /etc/postfix', 'two folders with main.cf, master.cf and tables'],
    [
      'certrelay compare main.cf main.cf --old-postfix 2.9 --new-postfix 3.7 --for relay',
      'what an upgrade changes for those who relay',
    ],
  ],
  options: compareOptions,
  async run(args, options, io) {
    const { runCompare } = await import('./compare/run.ts');
    return runCompare(args, options, io);
  },
};
