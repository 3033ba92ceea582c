import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { needs } from '../needs.ts';

/** One server in so many is started for each run of the suite; CERTRELAY_TRANSCRIPTS=all has them all. */
const every = process.env.CERTRELAY_TRANSCRIPTS === 'all' ? 1 : 8;

/** By the runner that people call. */
async function play(...args: readonly string[]): Promise<{ readonly status: number | null; readonly output: string }> {
  const runner = fileURLToPath(new URL('../scripts/real/run.js', import.meta.url));
  const child = spawn(process.execPath, [runner, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, output };
}

describe.skipIf(needs('root', 'netns', 'postfix', 'postmap', 'perl', 'ip'))('a real smtpd and the transcripts', () => {
  it('say the same', { timeout: 600_000 }, async () => {
    const { status, output } = await play('--every', String(every));
    expect(output).toMatch(/ [1-9]\d+ the same, 0 different$/m);
    expect(status, output).toBe(0);
  });
});
