import { expect, it } from 'vitest';
import { runnerReport } from '../../setup/runner.ts';
import { targets } from './targets/index.ts';

/** CERTRELAY_FUZZ_SECONDS=600 looks for longer. */
const seconds = Number(process.env.CERTRELAY_FUZZ_SECONDS ?? 5);

/** A process of its own, for what is looked for would end this one. */
const runner = new URL('run.js', import.meta.url);

it('no input crashes or hangs a parser, or is refused without a reason', {
  timeout: seconds * 1000 + 240_000,
}, async () => {
  const { status, output } = await runnerReport(
    runner,
    '--seconds',
    String(seconds),
    ...(seconds > 5 ? [] : ['--seed', '1']),
  );
  expect(output).not.toContain('FINDING');
  expect(status, output).toBe(0);
  for (const { name } of targets)
    expect(output).toMatch(new RegExp(`^${name.replace('$', '\\$')}: \\d+ executions$`, 'm'));
  if (seconds > 5) process.stdout.write(output);
});

it('a parser that crashes, hangs or says nothing is found out', { timeout: 180_000 }, async () => {
  const { status, output } = await runnerReport(runner, '--seconds', '0', '--self-test');
  expect(output).toMatch(/FINDING throws: TypeError/);
  expect(output).toMatch(/FINDING hangs: hangs/);
  expect(output).toMatch(/FINDING fills the memory: the process ends with/);
  expect(output).toMatch(/FINDING is slow: takes \d+ ms/);
  expect(output).toMatch(/FINDING says nothing: .*no place/);
  expect(status).toBe(1);
});
