// Runs `certrelay apply`, or `explain --apply`, in a machine with something that goes wrong after one of its steps; built by
// injected.ts. Arguments: the folder, or `log=FILE` for a repair; the number of the step, 0 for the first; and what goes wrong there: "throw", or a signal.

import type { Io } from '../../../../src/cli/command.ts';
import { runApply } from '../../../../src/cli/commands/apply/run-apply.ts';
import { runExplain } from '../../../../src/cli/commands/explain/run.ts';
import type { Step } from '../../../../src/hosts/apply/steps.ts';
import { CertrelayError, exitCodes } from '../../../../src/lib/problem.ts';

const [, , dir = '', at = '', what = ''] = process.argv;
const seen: string[] = [];
const output = (stream: NodeJS.WriteStream): Io['stdout'] => ({
  isTTY: false,
  write: (text) => {
    stream.write(text);
  },
});
const io: Io = {
  stdout: output(process.stdout),
  stderr: output(process.stderr),
  stdin: { isTTY: false, text: async () => '', lines: async function* () {} },
  env: process.env,
  cwd: process.cwd(),
  now: () => new Date(),
  random: (bytes) => new Uint8Array(bytes),
};
process.on('SIGINT', () => process.exit(130));

try {
  process.exitCode = dir.startsWith('log=')
    ? await runExplain([], { live: true, log: [dir.slice('log='.length)], apply: true, yes: true }, io, after)
    : await runApply(dir, { yes: true, quiet: true }, io, after);
} catch (error) {
  if (!(error instanceof CertrelayError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = exitCodes[error.exit][0];
} finally {
  process.stdout.write(`steps: ${seen.join(' ')}\n`);
}

function after(step: Step | undefined): void {
  if (step === undefined) return;
  seen.push(step.kind);
  if (seen.length - 1 !== Number(at)) return;
  if (what === 'throw') throw new Error('injected');
  process.kill(process.pid, what as NodeJS.Signals);
}
