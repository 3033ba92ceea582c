import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EndSignal, holdSignals } from '../../lib/signals.ts';
import type { TimeLimit } from '../../lib/time-limit.ts';

/** What became of a command that was given as a hook. */
export interface Ran {
  readonly ok: boolean;
  /** Why it is not ok, e.g. `exit status 1`. */
  readonly reason: string;
}

export const usualHookLimit: TimeLimit = { seconds: 600, shown: '10m' };

/** Between SIGTERM and SIGKILL, for a hook that has something to put in order. */
const graceMs = 5_000;
const pollMs = 50;

export interface HookOptions {
  /** Put into the environment beside certrelay's own. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly limit?: TimeLimit;
  /** For tests. */
  readonly grace?: number;
}

/**
 * Runs a command line with sh(1); `words` follow it as arguments. Its output goes to standard error, because standard output
 * belongs to the report; it has no standard input. It has a session and so a process group of its own, and the whole group
 * is ended when the limit is over or when certrelay receives a signal. Only the hook itself is waited for: a daemon that it
 * leaves behind may keep its output open.
 */
export async function runHook(command: string, words: readonly string[], options: HookOptions = {}): Promise<Ran> {
  const { variables = {}, limit = usualHookLimit, grace = graceMs } = options;
  let passOn: (signal: EndSignal) => void = () => {};
  const held = holdSignals((signal) => passOn(signal));
  try {
    const child = spawn('/bin/sh', ['-c', `${command} "$@"`, 'certrelay', ...words], {
      env: { ...process.env, ...variables },
      stdio: ['ignore', 2, 2],
      detached: true,
    });
    const ended = new Promise<Ran>((resolve) => {
      child.once('error', (error) => resolve({ ok: false, reason: error.message }));
      child.once('exit', (status, signal) =>
        resolve({ ok: status === 0, reason: signal === null ? `exit status ${status}` : `ended by ${signal}` }),
      );
    });
    const stopped = new Promise<readonly [NodeJS.Signals, string]>((resolve) => {
      passOn = (signal) => resolve([signal, `ended, because certrelay received ${signal}`]);
      // One that came while an earlier hook of the same run ended.
      const earlier = held.noted();
      if (earlier !== undefined) passOn(earlier);
    });
    const over = new AbortController();
    const late = sleep(limit.seconds * 1000, undefined, { signal: over.signal }).then(
      () => ['SIGTERM', `not over after ${limit.shown} and ended; see why it hangs, or raise --hook-timeout`] as const,
      () => new Promise<never>(() => {}),
    );
    const outcome = await Promise.race([ended, stopped, late]);
    over.abort();
    if ('ok' in outcome) return outcome;
    const [signal, reason] = outcome;
    if (child.pid !== undefined) await endGroup(child.pid, signal, grace);
    return { ok: false, reason };
  } finally {
    await held.release();
  }
}

/** Sends the signal to all of a process group, and SIGKILL to those that are there when the grace is over. */
async function endGroup(group: number, signal: NodeJS.Signals, grace: number): Promise<void> {
  if (!send(group, signal)) return;
  for (let waited = 0; waited < grace; waited += pollMs) {
    await sleep(pollMs);
    if (!send(group, 0)) return;
  }
  send(group, 'SIGKILL');
}

/** False when the group has no process any more. */
function send(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}
