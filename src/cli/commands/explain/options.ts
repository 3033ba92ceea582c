import type { OptionRow } from '../../../lib/option-row.ts';
import { answerOptions, sessionOptions } from '../simulate/options.ts';

const shared = ['--expect', '--explain', '--resolve'];

/** The options of `explain`: those of one session, and where the evidence comes from. */
export const explainOptions: readonly OptionRow[] = [
  ...sessionOptions,
  { flags: '--client-main-cf <file>', doc: 'the client\'s main.cf, or the output of "postconf -n" there' },
  { flags: '--log <file...>', doc: 'a piece of mail log, the server\'s or the client\'s; "-" for standard input' },
  { flags: '--live', doc: 'take the configuration, the tables and the compiled tables of the Postfix on this host' },
  { flags: '--programs <dir>', doc: 'with --live: where postconf, postmap and postfix are; PATH is not used' },
  {
    flags: '--apply [number]',
    doc: 'with --live: make the repair of that number, or the recommended one, on this host; asks first',
  },
  { flags: '-y, --yes', doc: 'ask nothing' },
  { flags: '--format <format>', doc: 'how findings are shown', choices: ['human', 'json', 'sarif', 'github'] },
  { flags: '--severity <level>', doc: 'leave out lesser findings', choices: ['error', 'warning', 'note'] },
  ...answerOptions.filter(({ flags }) => shared.some((name) => flags.startsWith(name))),
];
