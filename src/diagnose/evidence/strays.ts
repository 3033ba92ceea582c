import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Options } from '../../cli/command.ts';

/** Options that take any number of values, and what a value of theirs looks like. */
const greedy: Readonly<Record<string, RegExp>> = {
  table: /=/,
  fingerprint: /=/,
  publicKeyFingerprint: /=/,
  to: /@/,
  // What a log is, its content tells.
  log: /^$/,
};

/**
 * An option that takes several values takes the files behind it as well: `--table /etc/x=x server.postconf`. Those that
 * are no value of the option, and are files, are given back to the arguments.
 */
export function withStrays(
  args: readonly string[],
  options: Options,
  cwd: string,
): { readonly args: readonly string[]; readonly options: Options } {
  const strays: string[] = [];
  const kept: Record<string, Options[string]> = { ...options };
  for (const [name, form] of Object.entries(greedy)) {
    const values = options[name];
    if (!Array.isArray(values)) continue;
    const isStray = (value: string) => value !== '-' && !form.test(value) && existsSync(resolve(cwd, value));
    // The first value of a log may be of any content: it was meant.
    const found = (values as readonly string[]).filter(
      (value, index) => isStray(value) && (name !== 'log' || index > 0),
    );
    if (found.length === 0) continue;
    strays.push(...found);
    const rest = (values as readonly string[]).filter((value) => !found.includes(value));
    if (rest.length === 0) delete kept[name];
    else kept[name] = rest;
  }
  return { args: [...args, ...strays], options: kept };
}
