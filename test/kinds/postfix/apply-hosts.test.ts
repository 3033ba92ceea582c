import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { AppliedHost } from './lab/applied-host.ts';
import { standIns } from './lab/applying.ts';
import { snapshotOf } from './lab/snapshot.ts';
import { until } from './lab/until.ts';

const missing = needs('root', 'netns', 'debian-postfix', 'postfix', 'openssl');
const installDir = '/etc/postfix/certrelay';

/** Hosts that are not as the package left them, one after the other on one machine. */
describe.skipIf(missing)('certrelay apply on a host with', () => {
  let host: AppliedHost;

  beforeAll(async () => {
    host = await AppliedHost.start();
  });

  afterAll(() => host?.stop());

  const answered = async (...args: readonly string[]) => {
    const { status, stdout, stderr } = await host.run('--json', ...args);
    if (status !== 0) throw new Error(`ended with ${status}\n${stdout}${stderr}`);
    return JSON.parse(stdout).answered;
  };

  it('postscreen in front', async () => {
    await host.prepare(`
      postconf -M 'smtp/inet=smtp inet n - y - 1 postscreen' 'smtpd/pass=smtpd pass - - y - - smtpd' \\
        'tlsproxy/unix=tlsproxy unix - - y - 0 tlsproxy' 'dnsblog/unix=dnsblog unix - - y - 0 dnsblog'`);
    await host.postfix.start();
    expect(await answered()).toEqual(['127.0.0.1 port 25']);
    const hides = "postconf -P 'smtpd/pass/smtpd_relay_restrictions=permit_mynetworks,reject'";
    await host.machine.script(hides);
    expect((await host.run('--check')).status).toBe(3);
  });

  it('a server that speaks to a proxy only, which is not asked', async () => {
    await host.prepare("postconf -P 'smtp/inet/smtpd_upstream_proxy_protocol=haproxy'");
    await host.postfix.start();
    expect(await answered()).toEqual([]);
  });

  it('both roles, and a transport of its own in master.cf', async () => {
    await host.prepare(`printf 'inside.example smtp:[10.0.0.1]\\n' >/etc/postfix/transport
      postconf -e transport_maps=texthash:/etc/postfix/transport`);
    const before = snapshotOf(host.machine);
    const base = await host.machine.must('postconf', '-n');
    writeFileSync(`${host.certrelay.folder}/base`, base);
    const servers = ['--server', 'relay.example.com', 'server.example.com'];
    const names = [...servers, '--client', 'server.example.com', '--base-main-cf', 'base'];
    const client = host.certrelay.init('client', ...names, '--client-postfix', '3.7', '--postfix', '3.7');
    client.carry('server.example.com', host.machine);
    const applied = await host.run('--yes');
    expect([applied.status, applied.stderr]).toEqual([0, '']);
    expect(applied.stdout).toContain('  master.cf  certrelay unix - - n - - smtp -o ');
    expect(await host.machine.must('postconf', '-M', 'certrelay/unix')).toContain('smtp_tls_chain_files');
    expect((await host.run('--check')).status).toBe(0);
    // Somebody else writes to both files: what he wrote stays.
    await host.machine.script("postconf -e smtpd_banner=mine; postconf -M '2525/inet=2525 inet n - y - - smtpd'");
    expect((await host.run('--undo', '--yes')).status).toBe(0);
    expect(await host.machine.must('postconf', '-M')).not.toContain('certrelay');
    expect(await host.machine.must('postconf', '-M', '2525/inet')).toContain('smtpd');
    await host.machine.script(
      'postconf -MX 2525/inet; cp -p /mnt/stock/main.cf /etc/postfix/main.cf; postconf -e transport_maps=texthash:/etc/postfix/transport',
    );
    expect(Object.keys(snapshotOf(host.machine))).toEqual(Object.keys(before));
  });

  it('a server and a client in one', async () => {
    await host.prepare('');
    const { status, stderr } = await host.runOn('both.example.com', '--yes', '--host', 'both.example.com');
    expect([status, stderr]).toEqual([0, '']);
    expect(await host.value('relayhost')).toBe('[server.example.com]:25');
    expect(await host.value('smtpd_tls_ask_ccert')).toBe('yes');
    expect(
      await host.machine.must('postmap', '-q', '[server.example.com]:25', `hash:${installDir}/tls_policy`),
    ).toMatch(/^secure /);
    expect((await host.runOn('both.example.com', '--host', 'both.example.com')).stdout).toMatch(/^nothing to change/);
  });

  it('a certificate of its own, which stays', async () => {
    await host.prepare('');
    const names = ['--server', 'server.example.com', '--client', 'client.example.com', '--os', 'debian12'];
    const issuer = ['--server-ca', host.setUp.path('server.example.com', 'cacert.pem')];
    const keep = host.certrelay.init('keep', ...names, '--server-cert', 'keep', ...issuer);
    keep.carry('server.example.com', host.machine);
    const { status, stdout } = await host.run('--yes');
    expect([status, stdout]).toEqual([0, expect.not.stringContaining('smtpd_tls_cert_file')]);
    expect(await host.value('smtpd_tls_cert_file')).toBe('/etc/ssl/certs/ssl-cert-snakeoil.pem');
  });

  it('several instances', async () => {
    await host.prepare('postmulti -e init; postmulti -I postfix-out -e create');
    const before = snapshotOf(host.machine);
    const notMeant = await host.run('--check');
    expect(notMeant.stderr).toMatch(/^note: this host has more than one Postfix instance; "\/etc\/postfix" is the one/);
    expect(notMeant.stderr).toContain('--instance names another one: postfix-out (/etc/postfix-out)');
    // The second instance listens nowhere yet, and has a folder of its own.
    const names = ['--server', 'server.example.com', '--client', 'client.example.com', '--os', 'debian12'];
    const own = ['--install-dir', '/etc/postfix-out/certrelay'];
    const out = host.certrelay.init('out instance', ...names, ...own);
    out.carry('server.example.com', host.machine);
    await host.machine.script(
      'postconf -c /etc/postfix-out -X master_service_disable; postconf -c /etc/postfix-out -e mynetworks=127.0.0.0/8',
    );
    const applied = await host.run('--yes', '--instance', 'postfix-out');
    expect([applied.status, applied.stderr]).toEqual([0, '']);
    expect(await host.value('smtpd_tls_ask_ccert', '/etc/postfix-out')).toBe('yes');
    expect(await host.value('smtpd_tls_ask_ccert')).toBe('no');
    expect(snapshotOf(host.machine)).toEqual(before);
    const shared = await host.run('--yes');
    expect([shared.status, shared.stdout]).toEqual([2, '']);
    expect(shared.stderr).toContain(
      '"/etc/postfix-out/certrelay" serves another Postfix instance (/etc/postfix-out) already',
    );
    expect((await host.run('--undo', '--yes', '-c', '/etc/postfix-out')).status).toBe(0);
    await host.machine.script('postmulti -I postfix-out -e destroy || rm -rf /etc/postfix-out');
  });

  it('main.cf under version control: it says so, and commits nothing', async () => {
    await host.prepare('mkdir -p /etc/.git /etc/.etckeeper');
    const { status, stderr } = await host.run('--yes');
    expect(status).toBe(0);
    expect(stderr).toBe(
      'note: main.cf is under version control (git in "/etc"), and nothing is committed\nhint: commit the change yourself: etckeeper commit "certrelay apply"\n',
    );
    expect((await host.run('--yes')).stderr).toBe('');
    await host.machine.script('rm -r /etc/.git /etc/.etckeeper');
  });

  it('SELinux: files are labelled by where they lie', async () => {
    await host.prepare(host.standIn('restorecon', 'echo "$@" >>/mnt/labelled'));
    expect((await host.run('--yes')).status).toBe(0);
    expect(await host.machine.must('cat', '/mnt/labelled')).toBe(`-RF ${installDir}\n`);
    await host.prepare(host.standIn('restorecon', 'echo no context >&2; exit 1'));
    const before = snapshotOf(host.machine);
    const { status, stderr } = await host.run('--yes');
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining('restorecon could not label /etc/postfix/certrelay: no context; everything was put back'),
    ]);
    expect(snapshotOf(host.machine)).toEqual(before);
  });

  it('a Postfix that objects: what it says is shown, and all is as before', async () => {
    await host.prepare(
      host.standIn(
        'postfix',
        'case "$*" in *check*) echo "fatal: one" >&2; echo "fatal: two" >&2; exit 1 ;; *) real "$@" ;; esac',
      ),
    );
    const before = snapshotOf(host.machine);
    const { status, stdout, stderr } = await host.run('--yes');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      'fatal: one\nfatal: two\ncertrelay: failed: Postfix refuses the new settings: exit status 1, see above; everything was put back as it was before\n',
    );
    expect(snapshotOf(host.machine)).toEqual(before);
  });

  it.skipIf(needs('script'))('somebody at the terminal, who is asked', async () => {
    await host.prepare('');
    const before = snapshotOf(host.machine);
    const cli = `${process.execPath} ${host.certrelay.folder}/package/dist/cli.js apply /mnt/server.example.com`;
    const onTerminal = (answer: string) =>
      host.machine.run(['script', '--quiet', '--return', '--command', cli, '/dev/null'], answer);
    const declined = await onTerminal('n\n');
    expect([declined.status, declined.stdout]).toEqual([130, expect.stringContaining('nothing was done')]);
    expect(declined.stdout).toContain('change this on server.example.com? [y/N]');
    expect(snapshotOf(host.machine)).toEqual(before);
    const agreed = await onTerminal('y\n');
    expect([agreed.status, agreed.stdout]).toEqual([
      0,
      expect.stringContaining('applied: server.example.com is ready'),
    ]);
    expect(await host.value('smtpd_tls_ask_ccert')).toBe('yes');
  });

  it('somebody who presses Ctrl-C: the step ends, all is put back, exit 130', async () => {
    await host.prepare(
      host.standIn('postfix', 'case "$*" in *check*) kill -INT $PPID; sleep 0.3 ;; *) real "$@" ;; esac'),
    );
    const before = snapshotOf(host.machine);
    const { status, stderr } = await host.run('--yes');
    expect([status, stderr]).toEqual([130, 'certrelay: interrupted: everything was put back as it was before\n']);
    expect(snapshotOf(host.machine)).toEqual(before);
  });

  it('somebody else who does the same at the same time, who is told to wait', async () => {
    await host.prepare(
      host.standIn(
        'postfix',
        'case "$*" in *check*) : >/mnt/checking; while [ -e /mnt/checking ]; do sleep 0.1; done ;; *) real "$@" ;; esac',
      ),
    );
    const first = host.run('--yes');
    await until('check', async () =>
      (await host.machine.run(['test', '-e', '/mnt/checking'])).status === 0 ? true : undefined,
    );
    const second = await host.run('--yes');
    await host.machine.must('rm', '/mnt/checking');
    expect([second.status, second.stdout]).toEqual([7, '']);
    expect(second.stderr).toContain('"certrelay apply", process ');
    expect((await first).status).toBe(0);
    await host.machine.must('rm', '-r', standIns);
    expect((await host.run('--yes')).stdout).toMatch(/^nothing to change/);
  });

  it('a main.cf that somebody edits meanwhile', async () => {
    await host.prepare(
      host.standIn('postmap', 'case "$*" in *.new*) echo "mine = 1" >>/etc/postfix/main.cf ;; esac; real "$@"'),
    );
    const { status, stderr } = await host.run('--yes');
    expect([status, stderr]).toEqual([1, expect.stringContaining('somebody else changed main.cf since it was read')]);
    expect(await host.machine.must('tail', '-1', '/etc/postfix/main.cf')).toBe('mine = 1\n');
  });

  it('a server that does not answer after the reload', async () => {
    await host.prepare('');
    await host.postfix.start();
    const before = snapshotOf(host.machine);
    // The new settings pass every check, and the server dies of them all the same.
    await host.machine.script(
      host.standIn(
        'postfix',
        'case "$*" in *reload*) [ -e /mnt/once ] || { : >/mnt/once; postconf -e smtpd_error_sleep_time=never; } ;; esac; real "$@"',
      ),
    );
    const { status, stderr } = await host.run('--yes');
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining(
        'failed: the server does not answer on 127.0.0.1 port 25: no answer within 12 s; everything was put back',
      ),
    ]);
    expect(snapshotOf(host.machine)).toEqual(before);
    await host.postfix.machine.script('rm -f /mnt/once');
  });
});
