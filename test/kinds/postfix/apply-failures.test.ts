import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { applySteps } from './lab/apply-steps.ts';
import { carryAndApply } from './lab/applying.ts';
import type { SetUp } from './lab/certrelay.ts';
import { injectedApply } from './lab/injected.ts';
import { client, type Lab, labNeeds, openLab, server } from './lab/lab.ts';
import type { Ran } from './lab/machine.ts';
import { snapshotOf } from './lab/snapshot.ts';

const hosts = ['--server', server, '--client', client, '--os', 'debian12', '--client-os', 'debian12'];

// All of them take minutes; CERTRELAY_APPLY=all has them all.
const all = process.env.CERTRELAY_APPLY === 'all';
const numbered = (sample: readonly string[]) =>
  applySteps.map((kind, at) => [kind, at] as const).filter(([kind]) => all || sample.includes(kind));

describe.skipIf(needs(...labNeeds))('certrelay apply when a step fails', () => {
  let lab: Lab;
  let setUp: SetUp;
  let script: string;
  let pristine: Readonly<Record<string, string>>;

  beforeAll(async () => {
    lab = await openLab({ [server]: {}, [client]: {} });
    setUp = lab.certrelay.init('out', ...hosts);
    script = await injectedApply(lab.certrelay.folder);
    for (const name of [server, client]) {
      const { status, stderr } = await carryAndApply(
        { certrelay: lab.certrelay, setUp },
        lab.host(name).machine,
        '--yes',
      );
      if (status !== 0) throw new Error(stderr);
      await lab.host(name).start();
    }
    await lab.relays(client, 'before any failure');
    setUp = lab.certrelay.init('out', ...hosts, '--client', 'second.example.com', '--unauthorized', 'reject');
    setUp.carry(server, lab.host(server).machine);
    pristine = snapshotOf(lab.host(server).machine);
  });

  afterAll(() => lab?.close());

  const injected = (at: number, what: string): Promise<Ran> =>
    lab.host(server).machine.run([process.execPath, script, `/mnt/${server}`, String(at), what]);
  const snapshot = () => snapshotOf(lab.host(server).machine);

  it.each(numbered(applySteps))('puts everything back after "%s", and mail still flows', async (kind, at) => {
    const { status, stdout, stderr } = await injected(at, 'throw');
    expect([status, stdout]).toEqual([1, `steps: ${applySteps.slice(0, at + 1).join(' ')}\n`]);
    expect(stdout).toMatch(new RegExp(` ${kind}\n$|^steps: ${kind}\n$`));
    expect(stderr).toMatch(/^failed: .*: injected; everything was put back as it was before\n$/);
    expect(snapshot()).toEqual(pristine);
    await lab.relays(client, `after a failure at ${kind}`);
  });

  it.each(numbered(['place', 'edit', 'record']))('puts everything back when interrupted after "%s"', async (_, at) => {
    const { status, stderr } = await injected(at, 'SIGINT');
    expect([status, stderr]).toEqual([130, 'certrelay: interrupted: everything was put back as it was before\n']);
    expect(snapshot()).toEqual(pristine);
  });

  it.each(numbered(['place', 'edit', 'reload']))(
    'goes on after it was killed after "%s", and can still take all back',
    async (_, at) => {
      await injected(at, 'SIGKILL');
      const { certrelay } = lab;
      const again = await carryAndApply({ certrelay, setUp }, lab.host(server).machine, '--yes');
      expect([again.status, again.stderr]).toEqual([0, '']);
      const unchanged = await carryAndApply({ certrelay, setUp }, lab.host(server).machine, '--yes');
      expect(unchanged.stdout).toMatch(/^nothing to change/);
      expect((await carryAndApply({ certrelay, setUp }, lab.host(server).machine, '--undo', '--yes')).status).toBe(0);
      expect(snapshot()).toEqual(pristine);
    },
  );

  it('lets the client relay when all is over', async () => {
    await lab.relays(client, 'after all failures');
  });
});
