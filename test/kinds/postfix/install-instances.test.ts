import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { OneHost } from '../../provision/render/install/one-host.ts';
import { installDir, serverView } from '../../provision/render/install/sample.ts';

const missing = needs('root', 'netns', 'debian-postfix', 'postfix', 'openssl');
const second = `cp -a /etc/postfix /etc/postfix-out; mkdir -p /mnt/spool-out /mnt/data-out; chown postfix /mnt/data-out
  postconf -c /etc/postfix-out -e queue_directory=/mnt/spool-out data_directory=/mnt/data-out`;

describe.skipIf(missing)('install.sh on a host with more than one main.cf', () => {
  let host: OneHost;

  beforeAll(async () => {
    host = await OneHost.start(serverView());
  });

  afterAll(() => host?.stop());

  const prepare = (text = '') => host.prepare(`rm -rf /etc/postfix-out; ${second}\n${text}`);

  it('takes back the newest backup of the one that is meant, and no other', async () => {
    await prepare();
    expect((await host.kit.run()).status).toBe(0);
    const before = host.kit.snapshot({ times: true });
    const { status, stdout } = await host.kit.run('-c', '/etc/postfix-out', '--undo');
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^nothing to undo: .* of \/etc\/postfix-out /)]);
    expect(host.kit.snapshot({ times: true })).toEqual(before);
    expect((await host.kit.run('--undo')).stdout).toMatch(/^undone/);
    expect(await host.value('smtpd_tls_ask_ccert')).toBe('no');
  });

  it('is not confused by the one that another main.cf left in its place', async () => {
    await prepare();
    expect((await host.kit.run('-c', '/etc/postfix-out')).status).toBe(0);
    // As if an older script had been run for both.
    await host.machine.script(
      `cd ${installDir}.backup; cp -a [0-9]* 20990101T000000Z; echo /etc/postfix >20990101T000000Z/config`,
    );
    expect((await host.kit.run('-c', '/etc/postfix-out', '--undo')).stdout).toMatch(/^undone/);
    expect(await host.machine.must('ls', `${installDir}.backup`)).toContain('20990101T000000Z');
  });

  it('refuses a folder that serves another instance already', async () => {
    await prepare();
    expect((await host.kit.run()).status).toBe(0);
    const { stderr } = await host.refusedNow(2, '-c', '/etc/postfix-out');
    expect(stderr).toBe(
      `install.sh: "${installDir}" serves another Postfix instance (/etc/postfix) already\nhint: make a folder of its own for this one: certrelay init --install-dir /etc/postfix-out/certrelay --yes\n`,
    );
  });

  it('knows a directory by any of its names', async () => {
    await prepare();
    expect((await host.kit.run('-c', '/etc/../etc/postfix/')).status).toBe(0);
    expect((await host.kit.run('-c', '/etc/postfix')).stdout).toMatch(/^nothing changed/);
    const there = ['env', '-C', '/etc', 'sh', '/mnt/kit/install.sh', '-c', 'postfix', '--undo'] as const;
    expect((await host.machine.run([...there])).stdout).toMatch(/^undone/);
  });

  it('says which one it takes when nobody named one', async () => {
    await prepare('rm -rf /etc/postfix-out; postmulti -e init; postmulti -I postfix-out -e create');
    const note =
      /^install\.sh: note: this host has more than one Postfix instance; "\/etc\/postfix" is the one that is meant\n.* postfix-out \(\/etc\/postfix-out\)\n$/;
    expect((await host.kit.run('--dry-run')).stderr).toMatch(note);
    expect((await host.kit.run('--dry-run', '-c', '/etc/postfix')).stderr).toBe('');
    await host.machine.script('postmulti -I postfix-out -e destroy || rm -rf /etc/postfix-out');
  });
});

describe.skipIf(missing)('install.sh on a host', () => {
  let host: OneHost;

  beforeAll(async () => {
    host = await OneHost.start(serverView());
  });

  afterAll(() => host?.stop());

  it('whose main.cf is under version control says so, and commits nothing', async () => {
    await host.prepare('mkdir /etc/postfix/.git');
    expect((await host.kit.run()).stderr).toBe(
      'install.sh: note: main.cf is under version control (/etc/postfix/.git), and nothing is committed\n',
    );
    expect((await host.kit.run()).stderr).toBe('');
    await host.prepare('mkdir /etc/.hg');
    expect((await host.kit.run('--dry-run')).stderr).toContain('(/etc/.hg)');
    await host.machine.script('rmdir /etc/.hg');
  });

  it('whose server dies of the new settings puts everything back', async () => {
    await host.prepare('');
    await host.postfix.start();
    // They pass every check, and the server dies of them all the same.
    host.kit.standIn(
      'postfix',
      'case "$*" in *reload*) [ -e /mnt/once ] || { : >/mnt/once; postconf -e smtpd_error_sleep_time=never; } ;; esac; real "$@"',
    );
    const { stderr } = await host.refusedNow(1);
    expect(stderr).toMatch(/^install\.sh: failed: the server does not answer as a mail server with TLS/m);
    expect(stderr).toMatch(/everything was put back as it was before$/m);
    await host.machine.script('rm -f /mnt/once /mnt/stand-ins/postfix; postfix stop');
  });

  it('whose servers answer to a proxy only, or where nobody can ask, is not asked', async () => {
    await host.prepare("postconf -P 'smtp/inet/smtpd_upstream_proxy_protocol=haproxy'");
    await host.postfix.start();
    const { status, stdout } = await host.kit.run();
    expect([status, stdout]).toEqual([0, expect.stringContaining('; Postfix reloaded')]);
    expect(stdout).not.toContain('answers');
    await host.machine.script('postfix stop');
  });

  it('that has postscreen in front, and answers on an address of its own with TLS first', async () => {
    await host.prepare(`
      postconf -M 'smtp/inet=127.0.0.1:smtp inet n - y - 1 postscreen' 'smtpd/pass=smtpd pass - - y - - smtpd' \\
        'tlsproxy/unix=tlsproxy unix - - y - 0 tlsproxy' 'dnsblog/unix=dnsblog unix - - y - 0 dnsblog'
      postconf -# smtp/inet 2>/dev/null; postconf -e postscreen_greet_wait=1s`);
    await host.postfix.start();
    expect((await host.kit.run()).stdout).toContain('  answers  127.0.0.1 port 25\n');
    await host.machine.script('postfix stop');
  });
});
