import type { OptionRow } from '../../../lib/option-row.ts';
import { limitOption, serverOptions } from '../audit/options.ts';

const ofBoth = ['--postfix', '--service', '--table'];

/** The options of `compare`: those of the server hold for both sides. */
export const compareOptions: readonly OptionRow[] = [
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
