import { describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { runnerReport } from '../../setup/runner.ts';
import { playedNeeds } from '../differential/enclosure.ts';

interface Tally {
  readonly event: 'tally';
  readonly fits: number;
  readonly differs: number;
  readonly servers: number;
}

const runner = new URL('../../policy/explore/real/run.js', import.meta.url);

describe.skipIf(needs(...playedNeeds))('a real smtpd', () => {
  it('replies to the witness of a path as the path says', { timeout: 180_000 }, async () => {
    const args = ['--servers', '8', '--witnesses', '12', '--seconds', '60', '--seed', '5'];
    const { output, tally } = await runnerReport(runner, ...args);
    const { event, differs, fits } = tally<Tally>();
    expect([event, differs], output).toEqual(['tally', 0]);
    expect(fits, output).toBeGreaterThan(20);
  });
});
