import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { takeLock } from '../../../src/provision/state/lock.ts';

/** A run that takes the lock of a folder, for tests with real processes: `lock-child ROOT count TIMES [TURN in which it dies] | hold | compute | exit`. */
const [root = '', mode = '', times = '0', dies = 'never'] = process.argv.slice(2);
const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
const take = () =>
  takeLock(root, {
    command: `child ${mode}`,
    now: () => new Date(),
    wait: { milliseconds: 60_000, sleep: () => sleep(1) },
  });

if (mode === 'count') {
  for (let turn = 0; turn < Number(times); turn++) {
    const { release, inheritedFrom } = await take();
    const marker = join(root, 'marker');
    // A killed owner leaves its marker; only an heir may remove one, so two owners at once fail here.
    if (inheritedFrom !== undefined) rmSync(marker, { force: true });
    writeFileSync(marker, String(process.pid), { flag: 'wx' });
    const counter = join(root, 'counter');
    const before = Number(readFileSync(counter, 'utf8'));
    if (turn % 3 === 0) await sleep(1);
    writeFileSync(counter, String(before + 1));
    if (turn === Number(dies)) process.kill(process.pid, 'SIGKILL');
    rmSync(marker);
    release();
  }
} else {
  await take();
  process.send?.('ready');
  // It computes, and no handler of a signal would run; nor does the channel to the parent keep it.
  if (mode === 'compute') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
  if (mode === 'hold') await sleep(60_000);
}
process.disconnect?.();
