import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { targets } from './targets/index.ts';

/** CERTRELAY_FUZZ_SECONDS=600 looks for longer. */
const seconds = Number(process.env.CERTRELAY_FUZZ_SECONDS ?? 5);

/** By the runner that people call; in a process of its own, for what is looked for would end this one. */
async function play(...args: readonly string[]): Promise<{ readonly status: number | null; readonly output: string }> {
  const runner = fileURLToPath(new URL('run.js', import.meta.url));
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

it('no input crashes or hangs a parser, or is refused without a reason', {
  timeout: seconds * 1000 + 240_000,
}, async () => {
  const { status, output } = await play('--seconds', String(seconds), ...(seconds > 5 ? [] : ['--seed', '1']));
  expect(output).not.toContain('FINDING');
  expect(status, output).toBe(0);
  for (const { name } of targets)
    expect(output).toMatch(new RegExp(`^${name.replace('$', '\\$')}: \\d+ executions$`, 'm'));
  if (seconds > 5) process.stdout.write(output);
});

it('a parser that crashes, hangs or says nothing is found out', { timeout: 180_000 }, async () => {
  const { status, output } = await play('--seconds', '0', '--self-test');
  expect(output).toMatch(/FINDING throws: TypeError/);
  expect(output).toMatch(/FINDING hangs: hangs/);
  expect(output).toMatch(/FINDING fills the memory: the process ends with/);
  expect(output).toMatch(/FINDING is slow: takes \d+ ms/);
  expect(output).toMatch(/FINDING says nothing: .*no place/);
  expect(status).toBe(1);
});
