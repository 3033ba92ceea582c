import type { OptionRow } from './command.ts';

/** Options that every command takes. */
export const globalOptions: readonly OptionRow[] = [
  { flags: '--json', doc: 'print one JSON document on standard output' },
  { flags: '-q, --quiet', doc: 'print errors only' },
  { flags: '--no-color', doc: 'no colour, as with NO_COLOR set' },
];

/** `--out`, for the commands that read or write the state. */
export const outOption: OptionRow = { flags: '--out <dir>', doc: 'folder that holds the state', fallback: 'out' };
