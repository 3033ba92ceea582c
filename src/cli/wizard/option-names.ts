import type { OptionRow } from '../../lib/option-row.ts';
import { setUpOptions } from '../../provision/settings/set-up-options.ts';

/** `--client-postfix <version>` as `--client-postfix`, `--no-permit-sasl` as itself. */
export function longFlag(row: OptionRow): string {
  return /--[a-z][a-z-]*/.exec(row.flags)?.[0] ?? row.flags;
}

/** The name under which commander yields the option: `clientPostfix`, and `permitSasl` for `--no-permit-sasl`. */
export function optionKey(row: OptionRow): string {
  return longFlag(row)
    .replace(/^--(no-)?/, '')
    .replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The default that the flags have, when they have a fixed one. */
export function flagDefault(key: string): string | undefined {
  return setUpOptions.find((row) => optionKey(row) === key)?.fallback;
}
