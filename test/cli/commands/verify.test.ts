import { appendFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { workplace } from '../../setup/workplace.ts';

const { certrelay, at } = workplace();

describe('certrelay verify', () => {
  beforeAll(async () => {
    const hosts = ['--server', 's.example.com', '--client', 'c.example.com', '--postfix', '3.7', '--yes'];
    expect((await certrelay('init', ...hosts)).status).toBe(0);
  });

  it('answers first when all is met, with a line for each expectation that fits a terminal', async () => {
    const { status, stdout } = await certrelay('verify');
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^verified: the listed certificates may relay/)]);
    const rows = stdout.split('\n').filter((line) => line.startsWith('  met'));
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.filter((line) => line.length > 80)).toEqual([]);
  });

  it('says once, not for every expectation, that a server would not start', async () => {
    appendFileSync(at('out/hosts/s.example.com/main.cf'), 'no equals sign\n');
    const { status, stdout } = await certrelay('verify');
    expect([status, stdout.match(/ {2}broken .*/g)]).toEqual([
      3,
      [expect.stringMatching(/^ {2}broken {3}every session: server does not start: fatal: main\.cf, line \d+: /)],
    ]);
    const { verification } = JSON.parse((await certrelay('verify', '--json')).stdout);
    expect(verification[0].rows.length).toBeGreaterThan(5);
  });
});
