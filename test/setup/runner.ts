import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a runner that people call said, and how it ended. */
export interface Report {
  readonly status: number | null;
  /** Standard output and standard error, as they came. */
  readonly output: string;
  /** The last line, from JSON; where it is none, the runner came to no end, and that is thrown with all it said. */
  tally<Shape>(): Shape;
}

/** Runs a script such as test/kinds/differential/run.js to its end. */
export async function runnerReport(script: URL, ...args: readonly string[]): Promise<Report> {
  const child = spawn(process.execPath, [fileURLToPath(script), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    status,
    output,
    tally: <Shape>() => {
      const last = output.trimEnd().split('\n').at(-1) ?? '';
      if (!last.startsWith('{')) throw new Error(`the runner came to no end:\n${output}`);
      return JSON.parse(last) as Shape;
    },
  };
}
