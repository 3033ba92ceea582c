import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { needs } from '../needs.ts';

interface Summary {
  readonly version: string;
  readonly same: number;
  readonly different: number;
  readonly unknown: number;
  readonly silent: number;
}

const runner = fileURLToPath(new URL('../differential/run.js', import.meta.url));

/** Plays random scenarios by the runner that people call, and reads its last line. */
async function play(...args: readonly string[]): Promise<{ readonly summary: Summary; readonly output: string }> {
  const child = spawn(process.execPath, [runner, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  await new Promise((resolve) => child.once('close', resolve));
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  return { summary: last.startsWith('{') ? (JSON.parse(last) as Summary) : never(output), output };
}

function never(output: string): never {
  throw new Error(`the runner came to no end:\n${output}`);
}

describe.skipIf(needs('root', 'netns', 'postfix', 'postmap', 'perl', 'ip'))('a real smtpd and the simulator', () => {
  it('give the same replies to the same random sessions', { timeout: 180_000 }, async () => {
    const { summary, output } = await play('--seed', '20', '--count', '400', '--sessions', '8', '--seconds', '60');
    expect(summary.different, output).toBe(0);
    expect(summary.unknown, output).toBe(0);
    expect(summary.same).toBeGreaterThan(100);
  });
});
