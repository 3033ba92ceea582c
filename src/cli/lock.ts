import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { takeLock } from '../provision/state/lock.ts';
import type { Io, Options } from './command.ts';
import { outOf } from './state.ts';

/** How long --wait waits for other runs. Long, for a crowd takes its turns one by one, and a run that died is not waited for. */
const waitMs = 3_600_000;

/** Runs `work` while holding the lock of the state's folder; another run that holds it ends this one with exit 7. */
export async function withLock<Result>(
  command: string,
  options: Options,
  io: Io,
  work: () => Promise<Result>,
): Promise<Result> {
  const wait = { milliseconds: waitMs, sleep: (milliseconds: number) => sleep(milliseconds) };
  const lock = await takeLock(resolve(io.cwd, outOf(options)), {
    ...{ command, now: io.now },
    wait: options.wait === true ? wait : undefined,
  });
  try {
    return await work();
  } finally {
    lock.release();
  }
}
