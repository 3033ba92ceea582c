import { describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { runnerReport } from '../../setup/runner.ts';
import { playedNeeds } from '../differential/enclosure.ts';

interface Summary {
  readonly version: string;
  readonly same: number;
  readonly different: number;
  readonly unknown: number;
  readonly silent: number;
}

const runner = new URL('../differential/run.js', import.meta.url);

describe.skipIf(needs(...playedNeeds))('a real smtpd and the simulator', () => {
  it('give the same replies to the same random sessions', { timeout: 180_000 }, async () => {
    const args = ['--seed', '20', '--count', '400', '--sessions', '8', '--seconds', '60'];
    const { output, tally } = await runnerReport(runner, ...args);
    const summary = tally<Summary>();
    expect(summary.different, output).toBe(0);
    expect(summary.unknown, output).toBe(0);
    expect(summary.silent, output).toBe(0);
    expect(summary.same).toBeGreaterThan(100);
  });
});
