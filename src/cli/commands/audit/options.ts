import type { OptionRow } from '../../../lib/option-row.ts';
import { outOption } from '../../global-options.ts';
import { sessionOptions } from '../simulate/options.ts';

const ofTheServer = ['--postfix', '--main-cf', '--master-cf', '--service', '--table'];

/** What describes the server, as for `simulate`. */
export const serverOptions: readonly OptionRow[] = sessionOptions.filter(({ flags }) =>
  ofTheServer.some((name) => flags.startsWith(`${name} `)),
);

const forOption: OptionRow = {
  flags: '--for <question>',
  doc: "relay: to other sites; receive: to the server's own recipients; or a restriction list, sorted by its elements",
  fallback: 'relay',
};

export const limitOption: OptionRow = {
  flags: '--limit <n>',
  doc: 'follow so many paths at most; the report says when there were more',
  fallback: '1000000',
};

/** The options of `audit`: those of `simulate` that describe the server, or a set-up, and what is asked. */
export const auditOptions: readonly OptionRow[] = [
  ...serverOptions,
  outOption,
  { flags: '--server <name>', doc: 'without --main-cf: the server of the set-up; needed where there are several' },
  forOption,
  {
    flags: '--expect <file>',
    doc: 'YAML or JSON that says who must be able and who must not; exit 3 when it is not so',
  },
  limitOption,
  { flags: '--format <format>', doc: 'how the answer is shown', choices: ['human', 'json', 'sarif', 'github'] },
  { flags: '--severity <level>', doc: 'leave out lesser findings', choices: ['error', 'warning', 'note'] },
];
