import { inProcess } from '../../setup/in-process.ts';

/** What became of a command that ran in this process. */
export interface Done {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What only a defect leads to; the command line would call it an internal error. */
  readonly defect?: unknown;
}

/** Runs a command line in this process, by a clock that is `ahead` milliseconds ahead. */
export async function certrelay(cwd: string, line: readonly string[], ahead = 0): Promise<Done> {
  try {
    return await inProcess(line, { cwd, now: () => new Date(Date.now() + ahead) });
  } catch (defect) {
    return { status: 1, stdout: '', stderr: '', defect };
  }
}
