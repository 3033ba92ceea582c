import { expect, it } from 'vitest';
import { runnerReport } from '../../setup/runner.ts';

it('every changed row is noticed by a transcript or a recorded session', { timeout: 240_000 }, async () => {
  // A process of its own: what it changes, nobody else must see.
  const { status, output } = await runnerReport(new URL('run.js', import.meta.url));
  expect(output).toMatch(/^\d{3} mutants, \d{4,} sessions: \d{3} killed, \d declared to be the same, 0 survive$/m);
  expect(status, output).toBe(0);
});
