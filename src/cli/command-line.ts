import { inspect } from 'node:util';
import { CertrelayError, exitCodes, type Problem } from '../lib/problem.ts';
import { problemText } from '../report/problem.ts';
import type { Io } from './command.ts';
import { commandGroups, commands } from './commands/index.ts';
import { parseCommandLine } from './program.ts';

/**
 * Runs a command line, the words after `certrelay`, and answers its exit code.
 * @throws CertrelayError for expected trouble, which is for `tellFailure`; anything else is a defect.
 */
export async function runCommandLine(argv: readonly string[], io: Io): Promise<number> {
  const invocation = parseCommandLine(argv, commandGroups, io);
  if (invocation === undefined) return exitCodes.done[0];
  if (typeof invocation === 'number') return invocation;
  const { command, args, options } = invocation;
  if (command.options.some(({ writes }) => writes !== undefined)) {
    const { checkOutputs } = await import('./output-files.ts');
    await checkOutputs(command, options, io);
  }
  return await command.run(args, options, io, commands);
}

/**
 * Prints why a command line failed, and answers its exit code: on standard error problems, with `--json` on standard output
 * a document of the command besides. What is no CertrelayError is a defect of certrelay, and is shown as one line without a
 * stack; CERTRELAY_DEBUG=1 shows the stack as well.
 */
export function tellFailure(error: unknown, argv: readonly string[], io: Io): number {
  const failure = error instanceof CertrelayError ? error : unexpected(error, io);
  for (const problem of failure.problems) io.stderr.write(problemText(problem));
  if (argv.includes('--json')) {
    const command = commands.find((row) => row.name === argv[0])?.name ?? 'certrelay';
    io.stdout.write(`${JSON.stringify({ schema: `certrelay/${command}@1`, errors: failure.problems })}\n`);
  }
  return exitCodes[failure.exit][0];
}

/** What no command foresaw, still as one message. */
function unexpected(error: unknown, io: Io): CertrelayError {
  if (io.env.CERTRELAY_DEBUG === '1') io.stderr.write(`${inspect(error)}\n`);
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  const problem: Problem = {
    code: 'internal',
    message: `internal error: ${message}`,
    hint: 'this is a defect in certrelay; CERTRELAY_DEBUG=1 shows where',
  };
  return new CertrelayError('failure', problem);
}
