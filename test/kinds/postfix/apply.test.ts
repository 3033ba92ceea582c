import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { carryAndApply } from './lab/applying.ts';
import type { SetUp } from './lab/certrelay.ts';
import { client, type Lab, labNeeds, openLab, server } from './lab/lab.ts';
import type { Ran } from './lab/machine.ts';
import { snapshotOf } from './lab/snapshot.ts';

const hosts = ['--server', server, '--client', client, '--os', 'debian12', '--client-os', 'debian12'];

describe.skipIf(needs(...labNeeds))('certrelay apply on two hosts', () => {
  let lab: Lab;
  let setUp: SetUp;
  let pristine: Readonly<Record<string, string>>;

  const applied = (name: string, ...args: readonly string[]): Promise<Ran> =>
    carryAndApply({ certrelay: lab.certrelay, setUp }, lab.host(name).machine, ...args);
  const snapshot = (name: string, times = false) => snapshotOf(lab.host(name).machine, { times });

  beforeAll(async () => {
    lab = await openLab({ [server]: {}, [client]: {} });
    setUp = lab.certrelay.init('out', ...hosts);
    pristine = snapshot(server);
  });

  afterAll(() => lab?.close());

  it('says what it would change, and changes nothing', async () => {
    const before = snapshot(server, true);
    const { status, stdout, stderr } = await applied(server, '--check', '--diff');
    expect([status, stderr]).toEqual([6, '']);
    expect(stdout).toMatch(/^would change on server\.example\.com \(nothing was changed\):\n/);
    expect(stdout).toContain('  file     /etc/postfix/certrelay/server.example.com.pem (0600)\n');
    expect(stdout).toContain('  table    hash:/etc/postfix/certrelay/relay_clientcerts\n');
    expect(stdout).toContain('smtpd_tls_cert_file =  (was: /etc/ssl/certs/ssl-cert-snakeoil.pem)\n');
    expect(stdout).toContain('\n-smtpd_tls_cert_file=/etc/ssl/certs/ssl-cert-snakeoil.pem\n');
    expect(stdout).toContain('--- postconf -c /etc/postfix -n\n');
    expect(stdout).toContain('server.example.com.pem (holds a private key, not shown)\n');
    expect(stdout).not.toContain('PRIVATE KEY-----');
    expect(snapshot(server, true)).toEqual(before);
  });

  it('installs on hosts whose Postfix does not run', async () => {
    const { status, stdout, stderr } = await applied(server, '--yes');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^applied: server\.example\.com is ready; Postfix does not run, and was not started\n/);
    expect((await applied(client, '--yes')).status).toBe(0);
  });

  it('lets the client relay, and leaves no warning in the logs', async () => {
    await lab.host(server).start();
    await lab.host(client).start();
    await lab.relays(client, 'applied');
    expect(
      lab
        .logs()
        .split('\n')
        .filter((line) => /\b(warning|error|fatal|panic):/.test(line)),
    ).toEqual([]);
  });

  it('changes nothing when run again, not even a time', async () => {
    const before = snapshot(server, true);
    expect(await applied(server, '--yes')).toEqual({
      status: 0,
      stdout: 'nothing to change: server.example.com has all of this already\n',
      stderr: '',
    });
    const { status, stdout } = await applied(server, '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'certrelay/apply@1', changed: false, pending: false });
    expect((await applied(server, '--check')).status).toBe(0);
    expect(snapshot(server, true)).toEqual(before);
  });

  it('agrees with install.sh, which has nothing to do after it', async () => {
    expect((await setUp.install(server, lab.host(server).machine)).stdout).toMatch(/^nothing changed/);
    expect((await setUp.install(client, lab.host(client).machine)).stdout).toMatch(/^nothing changed/);
  });

  it('brings a new client to a server that runs, reloads it, and asks it', async () => {
    setUp = lab.certrelay.init('out', ...hosts, '--client', 'second.example.com');
    const log = lab.host(server).log().length;
    const { status, stdout } = await applied(server, '--json');
    const document = JSON.parse(stdout);
    expect([status, document.changed, document.postfixRuns]).toEqual([0, true, true]);
    expect(document.answered).toEqual(['127.0.0.1 port 25']);
    expect(document.files.map(({ path }: { path: string }) => path)).toEqual([
      '/etc/postfix/certrelay/relay_clientcerts',
    ]);
    expect(document.settings).toEqual([]);
    await lab.host(server).logged(/reload -- version/, log);
    await lab.relays(client, 'after the second client');
  });

  it('lists what it can return to, and returns step by step, to the last byte', async () => {
    const listed = await applied(server, '--backups', '--json');
    const names = JSON.parse(listed.stdout).backups.map(({ name }: { name: string }) => name);
    expect(names).toHaveLength(2);
    expect((await applied(server, '--undo', '--check')).status).toBe(6);
    const { status, stdout } = await applied(server, '--undo', '--yes');
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^undone: .*; Postfix reloaded\n/)]);
    await lab.relays(client, 'after one step back');
    // The folder has the second client again, so that there are two steps to take at once.
    expect((await applied(server, '--yes')).status).toBe(0);
    const first = names.at(-1) ?? '';
    expect((await applied(server, '--undo', first, '--yes')).stdout).toContain(`as it was before ${first}`);
    expect(snapshot(server)).toEqual(pristine);
    expect((await applied(server, '--undo')).stdout).toMatch(/^nothing to undo/);
  });

  it('takes back what install.sh did, and install.sh what it did', async () => {
    const { machine } = lab.host(server);
    expect((await setUp.install(server, machine)).status).toBe(0);
    expect((await applied(server, '--undo', '--yes')).status).toBe(0);
    expect(snapshot(server)).toEqual(pristine);
    expect((await applied(server, '--yes')).status).toBe(0);
    expect((await setUp.install(server, machine, '--undo')).stdout).toMatch(/^undone/);
    expect(snapshot(server)).toEqual(pristine);
  });

  it('keeps what somebody else wrote since, when it takes a run back', async () => {
    const { machine } = lab.host(server);
    const value = async (name: string) => (await machine.must('postconf', '-h', name)).trim();
    expect((await applied(server, '--yes')).status).toBe(0);
    await machine.must('postconf', '-e', 'smtpd_banner = mine');
    expect((await applied(server, '--undo', '--yes')).status).toBe(0);
    expect(await value('smtpd_banner')).toBe('mine');
    expect(await value('smtpd_tls_cert_file')).toBe('/etc/ssl/certs/ssl-cert-snakeoil.pem');
    expect(readFileSync(machine.path('/etc/postfix/main.cf'), 'utf8')).not.toContain('relay_clientcerts');
  });
});
