import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Given } from './scenarios.ts';

const stopper = new URL('stopper.js', import.meta.url).href;

/** The built command line, as `program()` copies it. */
export interface Cli {
  readonly folder: string;
}

/** Where a run is to stop. */
export interface Stop {
  /** The number of the call, from 1. */
  readonly at: number;
  /** Where that call is a write, half of it is done. */
  readonly torn: boolean;
}

/** Runs the built command line with its calls counted; answers all of them, or nothing when it was killed. */
export function runCounted({ folder }: Cli, cwd: string, { line, ahead = 0 }: Given, stop?: Stop): readonly string[] {
  const log = join(cwd, 'calls');
  const done = spawnSync(process.execPath, ['--import', stopper, join(folder, 'package', 'dist', 'cli.js'), ...line], {
    ...{ cwd, input: '', encoding: 'utf8', timeout: 120_000 },
    env: {
      ...process.env,
      STOP_CLOCK: String(ahead),
      STOP_AT: String(stop?.at ?? 0),
      STOP_TORN: stop?.torn === true ? '1' : '0',
      STOP_LOG: log,
    },
  });
  const expected = stop === undefined ? done.status === 0 : done.signal === 'SIGKILL';
  if (!expected) {
    throw new Error(`${line.join(' ')}: ${done.signal ?? done.status} at ${stop?.at}\n${done.stderr}${done.stdout}`);
  }
  return stop === undefined && existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [];
}
