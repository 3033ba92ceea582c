import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

/** By the runner that people call: what it changes, nobody else must see. */
async function play(): Promise<{ readonly status: number | null; readonly output: string }> {
  const runner = fileURLToPath(new URL('run.js', import.meta.url));
  const child = spawn(process.execPath, [runner], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, output };
}

it('every changed row is noticed by a transcript or a recorded session', { timeout: 240_000 }, async () => {
  const { status, output } = await play();
  expect(output).toMatch(/^\d{3} mutants, \d{4,} sessions: \d{3} killed, \d declared to be the same, 0 survive$/m);
  expect(status, output).toBe(0);
});
