#!/usr/bin/env node
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Io } from './cli/command.ts';
import { runCommandLine, tellFailure } from './cli/command-line.ts';
import { lineGroups } from './lib/line-groups.ts';
import { exitCodes } from './lib/problem.ts';

// A reader that went away (`certrelay … | head -1`) is no failure: the work is finished, the rest of the text is not wanted.
const abandoned = new Set<NodeJS.WriteStream>();
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    abandoned.add(stream);
    if (error.code === 'EPIPE') return;
    // A full disk behind `>file`, for one; whoever reads the file must not take it for the whole.
    process.stderr.write(`certrelay: cannot write the output: ${error.code ?? error.message}\n`);
    process.exit(exitCodes.failure[0]);
  });
}
// No handler of signals here: the system's default ends a run at once, whatever it computes; see lib/signals.ts.

const io: Io = {
  stdout: output(process.stdout),
  stderr: output(process.stderr),
  stdin: {
    isTTY: process.stdin.isTTY === true,
    async text() {
      process.stdin.setEncoding('utf8');
      let text = '';
      for await (const chunk of process.stdin) text += chunk;
      return text;
    },
    async bytes() {
      const chunks: Buffer[] = [];
      for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks);
    },
    lines: () => createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY }),
    lineGroups: () => lineGroups(process.stdin),
  },
  env: process.env,
  cwd: process.cwd(),
  now: () => new Date(),
  random: (bytes) => randomBytes(bytes),
};

const argv = process.argv.slice(2);
// Not awaited here: the single executable is a script, not a module.
void runCommandLine(argv, io)
  .catch((error: unknown) => tellFailure(error, argv, io))
  .then((code) => {
    process.exitCode = code;
    // A question that was answered leaves the terminal's input open, and an open input keeps the process.
    process.stdin.pause();
  });

function output(stream: NodeJS.WriteStream): Io['stdout'] {
  return {
    isTTY: stream.isTTY === true,
    // A terminal that was given no size says 0; then nobody knows.
    ...(stream.columns ? { columns: stream.columns } : {}),
    closed: () => abandoned.has(stream),
    write: (text) => {
      if (!stream.destroyed) stream.write(text);
    },
  };
}
