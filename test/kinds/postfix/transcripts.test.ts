import { describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { runnerReport } from '../../setup/runner.ts';
import { playedNeeds } from '../differential/enclosure.ts';

/** One server in so many is started for each run of the suite; CERTRELAY_TRANSCRIPTS=all has them all. */
const every = process.env.CERTRELAY_TRANSCRIPTS === 'all' ? 1 : 8;

describe.skipIf(needs(...playedNeeds))('a real smtpd and the transcripts', () => {
  it('say the same', { timeout: 600_000 }, async () => {
    const { status, output } = await runnerReport(
      new URL('../scripts/real/run.js', import.meta.url),
      '--every',
      String(every),
    );
    expect(output).toMatch(/ [1-9]\d+ the same, 0 different$/m);
    expect(status, output).toBe(0);
  });
});
