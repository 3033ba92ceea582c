import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { needs } from '../needs.ts';

interface Tally {
  readonly fits: number;
  readonly differs: number;
  readonly servers: number;
}

const runner = fileURLToPath(new URL('../explore/real/run.js', import.meta.url));

/** Plays witnesses of explored paths by the runner that people call, and reads its last line. */
async function play(...args: readonly string[]): Promise<{ readonly tally: Tally; readonly output: string }> {
  const child = spawn(process.execPath, [runner, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  await new Promise((resolve) => child.once('close', resolve));
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('{"event":"tally"')) throw new Error(`the runner came to no end:\n${output}`);
  return { tally: JSON.parse(last) as Tally, output };
}

describe.skipIf(needs('root', 'netns', 'postfix', 'postmap', 'perl', 'ip'))('a real smtpd', () => {
  it('replies to the witness of a path as the path says', { timeout: 180_000 }, async () => {
    const { tally, output } = await play('--servers', '8', '--witnesses', '12', '--seconds', '60', '--seed', '5');
    expect(tally.differs, output).toBe(0);
    expect(tally.fits, output).toBeGreaterThan(20);
  });
});
