import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { copyPackage } from './package-copy.ts';

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program {
  /** A folder of the suite's own; commands run in it. */
  readonly folder: string;
  certrelay(...args: readonly string[]): Ran;
  /** The same with other settings of the process. */
  run(
    args: readonly string[],
    options: { readonly input?: string; readonly env?: Readonly<Record<string, string>> },
  ): Ran;
}

/**
 * The built command line for one suite, as a copy that stands alone, each run in a process of its own. Most tests of a command
 * want `workplace()` instead, which takes a tenth of the time. To be called while tests are collected; the folder is there once they run.
 */
export function program(): Program {
  let home = '';
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'certrelay-test-'));
    copyPackage(join(home, 'package'));
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  const run: Program['run'] = (args, { input = '', env = {} }) => {
    const cli = join(home, 'package', 'dist', 'cli.js');
    const done = spawnSync(process.execPath, [cli, ...args], {
      ...{ cwd: home, input, encoding: 'utf8', maxBuffer: 1 << 28 },
      env: { ...process.env, ...env },
    });
    return { status: done.status, stdout: done.stdout, stderr: done.stderr };
  };
  return {
    get folder() {
      return home;
    },
    certrelay: (...args) => run(args, {}),
    run,
  };
}
