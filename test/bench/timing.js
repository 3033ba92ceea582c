import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built command line, as a user runs it. */
export const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** Runs a program to its end and throws when it fails: a benchmark of a failing command measures nothing. */
export function must(program, args, options = {}) {
  const done = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...options });
  if (done.error !== undefined || (done.status !== 0 && !options.anyStatus)) {
    throw new Error(`${program} ${args.join(' ')}: ${done.error?.message ?? done.stderr}`);
  }
  return done.stdout;
}

/** Milliseconds that `work` takes. */
export function time(work) {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

/** Median of `rounds` interleaved timings of each candidate, so that a busy moment falls on all alike. */
export function medians(candidates, rounds) {
  const taken = candidates.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, work] of candidates.entries()) taken[index].push(time(work));
  }
  return taken.map((list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]);
}

/** Calls `work` with a fresh folder and removes it afterwards, or when its promise settles. */
export function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'certrelay-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  let result;
  try {
    result = work(folder);
  } catch (error) {
    remove();
    throw error;
  }
  if (result instanceof Promise) return result.finally(remove);
  remove();
  return result;
}

export const ms = (value) => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
