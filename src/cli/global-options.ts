import type { OptionRow } from '../lib/option-row.ts';

/** Options that every command takes. */
export const globalOptions: readonly OptionRow[] = [
  { flags: '--json', doc: 'print one JSON document on standard output' },
  { flags: '-q, --quiet', doc: 'print errors only' },
  { flags: '--no-color', doc: 'no colour, as with NO_COLOR set' },
];

/** Those that commander adds by itself: here, so that completions and the man page know them. */
export const helpOption: OptionRow = { flags: '-h, --help', doc: 'print this help' };
export const versionOption: OptionRow = { flags: '-V, --version', doc: 'print the version' };

/** `--out`, for the commands that read or write the state. */
export const outOption: OptionRow = { flags: '--out <dir>', doc: 'folder that holds the state', fallback: 'out' };
