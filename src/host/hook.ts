import { spawnSync } from 'node:child_process';

/** What became of a command that was given as a hook. */
export interface Ran {
  readonly ok: boolean;
  /** Why it is not ok, e.g. `exit status 1`. */
  readonly reason: string;
}

/**
 * Runs a command line with sh(1); `words` follow it as arguments, and each of `variables` is in its environment. What it
 * prints goes to standard error, for standard output belongs to the report; it has no standard input.
 */
export function runHook(
  command: string,
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Ran {
  const ran = spawnSync('/bin/sh', ['-c', `${command} "$@"`, 'certrelay', ...words], {
    env: { ...process.env, ...variables },
    stdio: ['ignore', 2, 2],
  });
  if (ran.error !== undefined) return { ok: false, reason: ran.error.message };
  if (ran.signal !== null) return { ok: false, reason: `ended by ${ran.signal}` };
  return { ok: ran.status === 0, reason: `exit status ${ran.status}` };
}
