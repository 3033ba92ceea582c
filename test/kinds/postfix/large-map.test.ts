import { appendFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { seal } from '../../provision/render/install/seal.ts';
import { AppliedHost } from './lab/applied-host.ts';
import { snapshotOf } from './lab/snapshot.ts';

const missing = needs('root', 'netns', 'debian-postfix', 'postfix', 'openssl');
const name = 'server.example.com';
const table = 'hash:/etc/postfix/certrelay/relay_clientcerts';
const count = 100_000;

/** The fingerprint of one of many. */
const print = (index: number) =>
  (index.toString(16).padStart(8, '0').repeat(5).match(/../g) ?? []).join(':').toUpperCase();

describe.skipIf(missing)(`a map of ${count} lines`, () => {
  let host: AppliedHost;

  beforeAll(async () => {
    host = await AppliedHost.start();
    await host.prepare('');
    const folder = host.machine.path(`/mnt/${name}`);
    const lines = Array.from({ length: count }, (_, index) => `${print(index)} c${index}.example.com\n`);
    appendFileSync(`${folder}/relay_clientcerts`, lines.join(''));
    seal(folder);
  });

  afterAll(() => host?.stop());

  const install = (...args: readonly string[]) => host.machine.run(['sh', `/mnt/${name}/install.sh`, ...args]);
  const answer = async (index: number) => (await host.machine.run(['postmap', '-q', print(index), table])).stdout;

  it('is installed by install.sh, found to be there, and taken back', async () => {
    const before = snapshotOf(host.machine);
    expect(await install()).toMatchObject({ status: 0, stderr: '' });
    expect(await answer(count - 1)).toBe(`c${count - 1}.example.com\n`);
    expect((await install()).stdout).toMatch(/^nothing changed/);
    expect((await install('--undo')).status).toBe(0);
    expect(snapshotOf(host.machine)).toEqual(before);
  });

  it('is applied with every line judged, found to be there, and taken back', async () => {
    const before = snapshotOf(host.machine);
    const { status, stdout, stderr } = await host.run('--json', '--yes');
    expect([status, stderr]).toEqual([0, '']);
    const [server] = JSON.parse(stdout).verification;
    expect(server.rows[0]).toMatchObject({ outcome: 'met', sessions: count + 2 });
    expect(await answer(0)).toBe('c0.example.com\n');
    expect((await host.run('--check')).stdout).toMatch(/^nothing to change/);
    expect((await host.run('--undo', '--yes')).status).toBe(0);
    expect(snapshotOf(host.machine)).toEqual(before);
  });
});
