import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { OneHost } from '../../provision/render/install/one-host.ts';
import { installDir, serverView } from '../../provision/render/install/sample.ts';
import { seal } from '../../provision/render/install/seal.ts';

const missing = needs('root', 'netns', 'debian-postfix', 'postfix', 'openssl');
const attacker = '11:22:33:44:55 attacker.example.com';

/** One host that is set back before every case; each case has to leave it as it was, and elsewhere nothing is written. */
describe.skipIf(missing)('install.sh refuses', () => {
  let host: OneHost;

  beforeAll(async () => {
    host = await OneHost.start(serverView());
  });

  afterAll(() => host?.stop());

  it.each([
    ['its folder on the host as a link', `mkdir /mnt/x; ln -s /mnt/x ${installDir}`, /certrelay" is a symbolic link/],
    ['backups behind a link', `ln -s /mnt/x ${installDir}.backup`, /certrelay\.backup" is a symbolic link/],
    ['a folder of somebody else', `mkdir ${installDir}; chown 1234 ${installDir}`, /another user \(uid 1234\)/],
    ['backups of somebody else', `mkdir ${installDir}.backup; chown 1234 ${installDir}.backup`, /\(uid 1234\)/],
    ['a folder that all may write', `mkdir ${installDir}; chmod 0777 ${installDir}`, /written by others \(drwxrwxrwx/],
    [
      'one that a group may write',
      `mkdir -m 775 ${installDir}; chgrp 12 ${installDir}`,
      /written by others \(drwxrwxr-x/,
    ],
    ['a way there that all may write', 'chmod 0777 /etc/postfix', /"\/etc\/postfix" can be written by others/],
    [
      'a link to a file',
      `mkdir ${installDir}; ln -s /mnt/x ${installDir}/cacert.pem`,
      /cacert\.pem" is a symbolic link/,
    ],
    ['a link to nowhere', `mkdir ${installDir}; ln -s /no ${installDir}/cacert.pem`, /cacert\.pem" is a symbolic link/],
    ['a folder where a file is to go', `mkdir -p ${installDir}/cacert.pem`, /cacert\.pem" is no file/],
    ['main.cf as a link', 'cd /etc/postfix; mv main.cf real.cf; ln -s real.cf main.cf', /main\.cf" is a symbolic link/],
    ['master.cf as a link', 'cd /etc/postfix; mv master.cf m; ln -s m master.cf', /master\.cf" is a symbolic link/],
  ])('to write to %s', async (_, prepare, message) => {
    await host.machine.script('rm -rf /mnt/x; chmod 0755 /etc/postfix');
    expect((await host.refused(2, prepare)).stderr).toMatch(message);
    expect(await host.machine.script('ls -A /mnt/x 2>/dev/null || :')).toBe('');
    await host.machine.script('chmod 0755 /etc/postfix');
  });

  it.each([
    ['a file of another user', 'chown 1234 /mnt/kit/relay_clientcerts', /"relay_clientcerts" belongs to another user/],
    ['install.sh of another user', 'chown 1234 /mnt/kit/install.sh', /"install\.sh" belongs to another user/],
    ['a folder of another user', 'chown 1234 /mnt/kit', /"\/mnt\/kit" belongs to another user/],
    ['a file that all may write', 'chmod 0666 /mnt/kit/cacert.pem', /"cacert\.pem" can be written by others/],
    ['a folder that all may write', 'chmod 1777 /mnt/kit', /"\/mnt\/kit" can be written by others/],
    [
      'a link in place of a file',
      'cd /mnt/kit; mv cacert.pem x; ln -s x cacert.pem',
      /"cacert\.pem" is a symbolic link/,
    ],
  ])('to install %s', async (_, prepare, message) => {
    expect((await host.refused(2, prepare)).stderr).toMatch(message);
  });

  it('nothing of him who has it run by sudo(8), or of his group', async () => {
    await host.prepare('chown -R 1234:1234 /mnt/kit; chmod 0664 /mnt/kit/relay_clientcerts');
    const bySudo = (...ids: readonly string[]) => host.kit.runWith(['env', ...ids, 'sh'], '--dry-run');
    expect((await bySudo('SUDO_UID=1234', 'SUDO_GID=1234')).status).toBe(0);
    expect((await bySudo('SUDO_UID=1234', 'SUDO_GID=1235')).status).toBe(2);
    expect((await bySudo('SUDO_UID=1235', 'SUDO_GID=1234')).status).toBe(2);
  });

  it.each([
    ['a line too many in the map', `echo ${attacker} >>relay_clientcerts`, 'relay_clientcerts'],
    ['a line among those of the map', `sed -i '2i ${attacker}' relay_clientcerts`, 'relay_clientcerts'],
    ['a map that is cut off', 'sed -i 3d relay_clientcerts', 'relay_clientcerts'],
    ['an authority too many', 'cat /mnt/stock-kit/server.example.com.crt >>cacert.pem', 'cacert.pem'],
    ['another main.cf', 'echo mynetworks = 0.0.0.0/0 >>main.cf', 'main.cf'],
    ['another script', "sed -i 's/ask_ccert = yes/ask_ccert = no/' install.sh", 'install.sh'],
    ['a file that is not listed', 'sed -i /cacert/d SHA256SUMS', 'cacert.pem'],
  ])('a folder with %s', async (_, change, name) => {
    await host.prepare('');
    seal(host.machine.path('/mnt/kit'));
    await host.machine.script(`cd /mnt/kit; ${change}`);
    const before = host.kit.snapshot({ times: true });
    const { status, stdout, stderr } = await host.kit.runAsIs(['sh']);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`"${name}" is not what it was when it was made`);
    expect(host.kit.snapshot({ times: true })).toEqual(before);
  });

  it('a folder without its list of digests', async () => {
    await host.prepare('rm -f /mnt/kit/SHA256SUMS');
    const { status, stderr } = await host.kit.runAsIs(['sh']);
    expect([status, stderr]).toEqual([2, expect.stringContaining('"SHA256SUMS" is missing in /mnt/kit')]);
  });

  it.each<[readonly string[], string]>([
    [['busybox', 'sh'], 'exec /bin/busybox sha256sum'],
    [['dash'], 'exit 127'],
  ])('a changed folder whatever makes the digests: %s', async (shell, program) => {
    await host.prepare('');
    seal(host.machine.path('/mnt/kit'));
    host.kit.standIn('sha256sum', program);
    if (program === 'exit 127') {
      // Without it, openssl(1) answers.
      await host.machine.script('rm /mnt/stand-ins/sha256sum; mount --bind /dev/null /usr/bin/sha256sum');
    }
    const run = () => host.kit.runAsIs(shell, '--dry-run');
    expect((await run()).status).toBe(0);
    await host.machine.script(`echo ${attacker} >>/mnt/kit/relay_clientcerts`);
    expect((await run()).stderr).toContain('"relay_clientcerts" is not what it was');
  });
});

describe.skipIf(missing)('install.sh looks whether the host is the one that its folder is for:', () => {
  let host: OneHost;

  beforeAll(async () => {
    host = await OneHost.start(serverView());
  });

  afterAll(() => host?.stop());

  it('another one is refused, unless it is said to be this one', async () => {
    await host.prepare('postconf -e myhostname=other.example.com; hostname other.example.com');
    const { stderr } = await host.refusedNow(2, '--yes');
    expect(stderr).toBe(
      'install.sh: this folder is for "server.example.com", and this host calls itself "other.example.com"; nothing changed\nhint: if it is the right one under another name, add --host server.example.com\n',
    );
    expect((await host.kit.run('--dry-run', '--host', 'server.example.com')).status).toBe(0);
    expect((await host.refusedNow(2, '--host', 'third.example.com')).stderr).toContain('this folder is for');
    expect((await host.refusedNow(2, '--host')).stderr).toContain('"--host" needs a name');
    await host.machine.script('hostname server.example.com');
  });

  it.each([
    ['in capitals', 'postconf -e myhostname=SERVER.Example.COM; hostname other'],
    ['by its first part', 'postconf -e myhostname=mail.example.net; hostname server'],
    ['by what its name stands for', "postconf -e 'mydomain=example.com' 'myhostname=server.$mydomain'; hostname other"],
  ])('it may call itself %s', async (_, prepare) => {
    await host.prepare(prepare);
    expect(await host.kit.run('--dry-run')).toMatchObject({ status: 0, stderr: '' });
    await host.machine.script('hostname server.example.com');
  });

  it('a name that only begins alike is another one', async () => {
    await host.prepare('postconf -e myhostname=serve.example.com; hostname serve');
    await host.refusedNow(2);
    await host.machine.script('hostname server.example.com');
  });
});
