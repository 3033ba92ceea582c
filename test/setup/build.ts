import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const lock = join(root, 'node_modules', '.certrelay-build');

/**
 * Builds dist/ before the first test when it is older than what it is made from, so that tests of the
 * command line run the real bundle. Two test runs in one tree take turns.
 */
export async function setup(): Promise<void> {
  await takeTurn();
  try {
    if (isFresh()) return;
    const built = spawnSync(process.execPath, ['esbuild.config.js'], { cwd: root, encoding: 'utf8' });
    if (built.status === 0) return;
    const errors = built.stderr.split('\n').filter((line) => /^\s*(error\b|Error:|certrelay:)/.test(line));
    const said = `dist/ could not be built\n${built.stdout}${errors.join('\n')}`;
    if (process.env.CERTRELAY_TEST_ALL === '1') throw new Error(said);
    // Tests of single rooms need no bundle; those that do fail by themselves, for a failed build leaves none.
    process.stderr.write(`${said}\n`);
  } finally {
    rmdirSync(lock);
  }
}

async function takeTurn(): Promise<void> {
  for (let waited = 0; ; waited += 200) {
    try {
      mkdirSync(lock);
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    // No build takes two minutes: whoever made the lock died before removing it.
    if (Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > 120_000) rmdirSync(lock);
    if (waited > 180_000)
      throw new Error(`another test run has been building for minutes; remove "${lock}" if there is none`);
    await sleep(200);
  }
}

function isFresh(): boolean {
  const made = join(root, 'dist', 'cli.js');
  if (!existsSync(made)) return false;
  const sources = ['src', 'package.json', 'package-lock.json', 'esbuild.config.js', 'tsconfig.json'];
  return Math.max(...sources.map((source) => newest(join(root, source)))) < statSync(made).mtimeMs;
}

function newest(path: string): number {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return 0;
  if (!status.isDirectory()) return status.mtimeMs;
  return Math.max(status.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
