import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type Ended, inProcess, type Surroundings } from './in-process.ts';

export interface Workplace {
  /** A folder of the suite's own; command lines run in it. */
  readonly folder: string;
  /** The path of something in it. */
  at(path: string): string;
  certrelay(...argv: readonly string[]): Promise<Ended>;
  /** The same with something else around it. */
  run(argv: readonly string[], around: Partial<Surroundings>): Promise<Ended>;
}

/** A folder in which command lines run in this process (`inProcess`); it is gone when the suite is over. */
export function workplace(): Workplace {
  const folder = mkdtempSync(join(tmpdir(), 'certrelay-workplace-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const run: Workplace['run'] = (argv, around) => inProcess(argv, { cwd: folder, ...around });
  return { folder, at: (path) => join(folder, path), certrelay: (...argv) => run(argv, {}), run };
}
