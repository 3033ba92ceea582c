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

/** How many random servers are audited; a long run sets it to a hundred. */
const servers = process.env.CERTRELAY_AUDIT_SERVERS ?? '4';
const seed = process.env.CERTRELAY_AUDIT_SEED ?? '11';
const runner = new URL('../../policy/explore/real/run.js', import.meta.url);

describe.skipIf(needs(...playedNeeds))('a real smtpd', () => {
  it('lets in the witness of every path that an audit finds, with the reply that it foretells', {
    timeout: 3_600_000,
  }, async () => {
    const long = process.env.CERTRELAY_AUDIT_SERVERS !== undefined;
    const args = ['--ways', '1', '--servers', servers, '--witnesses', '5000', '--seed', seed];
    const { output, tally } = await runnerReport(runner, ...args, '--seconds', long ? '3000' : '60');
    const report = tally<Tally>();
    if (long) console.log(JSON.stringify(report));
    const { event, fits, differs, servers: audited } = report;
    expect([event, differs], output).toEqual(['tally', 0]);
    expect(audited, output).toBe(Number(servers));
    expect(fits, output).toBeGreaterThan(Number(servers));
  });
});
