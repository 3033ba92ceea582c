import type { OptionRow } from '../../lib/option-row.ts';
import { importOption, setUpOptions } from '../../provision/settings/set-up-options.ts';
import type { Options } from '../command.ts';
import { longFlag, optionKey } from './option-names.ts';

/** Where the state lies belongs to the command line as much as the set-up does. */
const outRow: OptionRow = { flags: '--out <dir>', doc: '', fallback: 'out' };

/** What the options alone do not tell. */
export interface AnswerDetails {
  /** A passphrase was typed; a script needs it in a file. */
  readonly passphraseTyped?: boolean;
  /** The options went to a set-up that exists: there a default is an answer like any other. */
  readonly existing?: boolean;
}

/**
 * The command line that gives the same answers without questions, quoted for sh(1) (POSIX shell, section 2.2).
 * Options that say what holds anyway are left out; flags that concern the output only are not part of it.
 */
export function equivalentCommand(options: Options, details: AnswerDetails = {}): string {
  // A file of answers or an inventory may hold another value, which a default that goes unsaid would not replace.
  const saysDefaults = details.existing === true || options.config !== undefined;
  const words = [outRow, importOption, ...setUpOptions].flatMap((row) => {
    const value = options[optionKey(row)];
    const isDefault = value === row.fallback && (row === outRow || !saysDefaults);
    return value === undefined || isDefault ? [] : wordsOf(row, value);
  });
  const typed = details.passphraseTyped === true && options.passphraseFile === undefined;
  return ['certrelay', 'init', ...words, ...(typed ? ['--passphrase-file', 'FILE'] : []), '--yes']
    .map(quoted)
    .join(' ');
}

function wordsOf(row: OptionRow, value: string | boolean | readonly string[]): readonly string[] {
  const flag = longFlag(row);
  if (flag.startsWith('--no-')) return value === false ? [flag] : [];
  if (typeof value === 'boolean') return value ? [flag] : [];
  const values = typeof value === 'string' ? [value] : value;
  // A value that looks like a flag, or like nothing, is only safe behind "=".
  const isPlain = (text: string) => text !== '' && !text.startsWith('-');
  if (values.length === 0) return [];
  return values.every(isPlain) ? [flag, ...values] : values.map((text) => `${flag}=${text}`);
}

/** A word as sh reads it back: bare where nothing in it is special, else in single quotes. */
function quoted(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
