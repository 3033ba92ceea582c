import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';

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
 * The built command line for one suite, as a copy that stands alone: another run of the tests in this tree may build
 * dist/ anew meanwhile. To be called while tests are collected; the folder is there once they run.
 */
export function program(): Program {
  let home = '';
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'certrelay-test-'));
    const root = fileURLToPath(new URL('../..', import.meta.url));
    for (const part of ['dist', 'templates', 'package.json']) {
      // A single executable that was built besides is large, and of no use here.
      const filter = (path: string) => !path.includes('/dist/certrelay-linux-');
      cpSync(join(root, part), join(home, 'package', part), { recursive: true, filter });
    }
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
