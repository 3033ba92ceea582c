import { randomBytes } from 'node:crypto';
import type { Io } from '../../src/commands/command.ts';
import { commands } from '../../src/commands/index.ts';
import { parseCommandLine } from '../../src/commands/program.ts';
import { CertrelayError, exitCodes } from '../../src/lib/problem.ts';

/** What became of a command that ran in this process. */
export interface Done {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What only a defect leads to; the command line would call it an internal error. */
  readonly defect: unknown;
}

/** Runs a command line in this process, without a terminal, by a clock that is `ahead` milliseconds ahead. */
export async function certrelay(cwd: string, line: readonly string[], ahead = 0): Promise<Done> {
  const said = { stdout: [] as string[], stderr: [] as string[] };
  const ended = (status: number, defect?: unknown): Done => ({
    ...{ status, defect },
    ...{ stdout: said.stdout.join(''), stderr: said.stderr.join('') },
  });
  const io: Io = {
    stdout: { isTTY: false, write: (text) => said.stdout.push(text) },
    stderr: { isTTY: false, write: (text) => said.stderr.push(text) },
    stdin: { isTTY: false, text: async () => '', lines: async function* () {} },
    ...{ env: {}, cwd, random: (bytes) => randomBytes(bytes) },
    now: () => new Date(Date.now() + ahead),
  };
  try {
    const invocation = parseCommandLine(line, commands, io);
    if (invocation === undefined) return ended(0);
    if (typeof invocation === 'number') return ended(invocation);
    return ended(await invocation.command.run(invocation.args, invocation.options, io));
  } catch (error) {
    if (!(error instanceof CertrelayError)) return ended(1, error);
    for (const { message, hint = '' } of error.problems) said.stderr.push(`${message}\n${hint}\n`);
    return ended(exitCodes[error.exit][0]);
  }
}
