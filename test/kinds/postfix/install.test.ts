import { lstatSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { clientView, installDir, relayList, serverView } from '../../provision/render/install/sample.ts';
import { DebianPostfix } from './lab/debian-postfix.ts';
import { Kit } from './lab/kit.ts';
import { Machine } from './lab/machine.ts';

const missing = needs('root', 'netns', 'debian-postfix', 'postfix', 'openssl', 'dash', 'busybox');

describe.skipIf(missing)('install.sh on one host', () => {
  let machine: Machine;
  let postfix: DebianPostfix;
  let kit: Kit;
  let pristine: Readonly<Record<string, string>>;

  beforeAll(async () => {
    machine = await Machine.start('server.example.com');
    postfix = await DebianPostfix.install(machine, '127.0.0.1 localhost\n127.0.1.1 server.example.com\n', '127.0.0.1');
    kit = await Kit.make(machine, serverView());
    pristine = kit.snapshot();
  });

  afterAll(() => machine?.stop());

  const mode = (path: string) => (lstatSync(machine.path(path)).mode & 0o7777).toString(8);

  describe.each([[['dash']], [['busybox', 'sh']], [['bash', '--posix']]])('run by %s', (shell) => {
    it('says what it would change, and changes nothing', async () => {
      const { status, stdout, stderr } = await kit.runWith(shell, '--dry-run');
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^would change on server\.example\.com \(nothing was changed\):\n/);
      expect(stdout).toContain('smtpd_tls_cert_file =  (was: /etc/ssl/certs/ssl-cert-snakeoil.pem)');
      expect(kit.snapshot()).toEqual(pristine);
    });

    it('installs files, tables and parameters', async () => {
      const { status, stdout, stderr } = await kit.runWith(shell);
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^installed: server\.example\.com is ready; Postfix does not run, and was not started\n/);
      expect(mode(installDir)).toBe('755');
      expect(mode(`${installDir}/server.example.com.pem`)).toBe('600');
      expect(mode(`${installDir}/relay_clientcerts`)).toBe('644');
      expect(mode(`${installDir}/relay_clientcerts.db`)).toBe('644');
      expect(mode(`${installDir}.backup`)).toBe('700');
      const map = await machine.must('postmap', '-q', 'AA:BB:CC', `hash:${installDir}/relay_clientcerts`);
      expect(map).toBe('client.example.com\n');
      const main = readFileSync(machine.path('/etc/postfix/main.cf'), 'utf8');
      expect(main).toContain(`\nrelay_clientcerts = $default_database_type:${installDir}/relay_clientcerts\n`);
      expect(main).toContain(`\nsmtpd_relay_restrictions = ${relayList}\n`);
      // The host has mynetworks of its own: those stay.
      expect(main).toContain('\nmynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128\n');
      expect(await postfix.runs()).toBe(false);
    });

    it('changes nothing when run again, not even a time', async () => {
      const before = kit.snapshot({ times: true });
      const { status, stdout } = await kit.runWith(shell);
      expect([status, stdout]).toEqual([0, 'nothing changed: server.example.com has all of this already\n']);
      expect(kit.snapshot({ times: true })).toEqual(before);
    });

    it('takes it back to the last byte', async () => {
      const { status, stdout } = await kit.runWith(shell, '--undo');
      expect(stdout).toMatch(/^undone: server\.example\.com is as it was before /);
      expect(status).toBe(0);
      expect(kit.snapshot()).toEqual(pristine);
      expect((await kit.runWith(shell, '--undo')).stdout).toMatch(/^nothing to undo/);
    });
  });

  describe('with a Postfix that runs', () => {
    beforeAll(() => postfix.start());
    afterAll(() => machine.must('postfix', 'stop'));

    it('reloads it once, and only when something changed', async () => {
      const before = postfix.log().length;
      const { stdout } = await kit.run();
      expect(stdout).toMatch(/; Postfix reloaded\n/);
      expect(stdout).toContain('  answers  127.0.0.1 port 25\n');
      await kit.run();
      expect(
        postfix
          .log()
          .slice(before)
          .match(/refreshing the Postfix mail system/g),
      ).toHaveLength(1);
    });

    it('takes a new line of the table', async () => {
      kit.write('relay_clientcerts', '11:22:33 client2.example.com\n44:55:66 client3.example.com\n');
      expect((await kit.run()).stdout).toContain(`table    hash:${installDir}/relay_clientcerts`);
      expect(await machine.must('postmap', '-s', `hash:${installDir}/relay_clientcerts`)).not.toContain('aa:bb:cc');
    });

    it('builds a table again that lost its entries', async () => {
      await machine.script(`printf '11:22:33 x\\n' >/mnt/relay_clientcerts; postmap hash:/mnt/relay_clientcerts
        cp /mnt/relay_clientcerts.db ${installDir}/relay_clientcerts.db`);
      expect((await kit.run()).status).toBe(0);
      const map = await machine.must('postmap', '-q', '44:55:66', `hash:${installDir}/relay_clientcerts`);
      expect(map).toBe('client3.example.com\n');
    });

    it('repairs a key that others can read', async () => {
      await machine.must('chmod', '0644', `${installDir}/server.example.com.pem`);
      expect((await kit.run()).status).toBe(0);
      expect(mode(`${installDir}/server.example.com.pem`)).toBe('600');
    });

    it("keeps the postmaster's later edits when it takes its own back", async () => {
      await postfix.set({ maximal_queue_lifetime: '1d' });
      for (let step = 0; step < 4; step++) expect((await kit.run('--undo')).status).toBe(0);
      expect((await kit.run('--undo')).stdout).toMatch(/^nothing to undo/);
      expect((await machine.must('postconf', '-h', 'maximal_queue_lifetime')).trim()).toBe('1d');
      const settings = await machine.must('postconf', '-n');
      expect(settings).toContain('smtpd_tls_cert_file = /etc/ssl/certs/ssl-cert-snakeoil.pem');
      expect(settings).not.toMatch(/certrelay/);
      expect(Object.keys(kit.snapshot())).toEqual(Object.keys(pristine));
      await machine.must('postconf', '-X', 'maximal_queue_lifetime');
      pristine = kit.snapshot();
    });
  });

  describe('for an instance of its own', () => {
    it('changes the main.cf that -c names, and no other', async () => {
      await machine.script(`cp -a /etc/postfix /etc/postfix-out; mkdir -p /mnt/spool-out /mnt/data-out
        chown postfix /mnt/data-out
        postconf -c /etc/postfix-out -e queue_directory=/mnt/spool-out data_directory=/mnt/data-out`);
      const { status, stdout } = await kit.run('-c', '/etc/postfix-out');
      expect([status, stdout]).toEqual([0, expect.stringMatching(/^installed: /)]);
      expect(await machine.must('postconf', '-n')).not.toMatch(/certrelay/);
      expect(await machine.must('postconf', '-c', '/etc/postfix-out', '-n')).toMatch(/certrelay/);
      expect((await kit.run('-c', '/etc/postfix-out', '--undo')).status).toBe(0);
      expect(kit.snapshot()).toEqual(pristine);
    });
  });

  it('takes back what an earlier folder set and this one does not, but not what the postmaster set since', async () => {
    const earlier = [
      { name: 'smtpd_recipient_restrictions', value: relayList, unlessSet: false },
      { name: 'smtp_tls_wrappermode', value: 'yes', unlessSet: false },
      { name: 'mailbox_size_limit', value: '1000', unlessSet: false },
    ];
    await machine.must('cp', '-a', '/etc/postfix/main.cf', '/mnt/main.cf');
    const present = kit.snapshot();
    kit.render(serverView({ parameters: [...serverView().parameters, ...earlier] }));
    expect((await kit.run()).status).toBe(0);
    await postfix.set({ smtp_tls_wrappermode: 'no' });
    kit.render(serverView());
    const { status, stdout } = await kit.run();
    expect(status).toBe(0);
    expect(stdout).toContain('main.cf  smtpd_recipient_restrictions no longer set');
    expect(stdout).toContain('main.cf  mailbox_size_limit = 0  (was: 1000)');
    const settings = await machine.must('postconf', '-n');
    expect(settings).not.toContain('smtpd_recipient_restrictions');
    expect(settings).toContain('mailbox_size_limit = 0\n');
    expect(settings).toContain('smtp_tls_wrappermode = no\n');
    expect((await kit.run()).stdout).toMatch(/^nothing changed/);
    for (let round = 0; round < 2; round++) expect((await kit.run('--undo')).status).toBe(0);
    await machine.must('cp', '-a', '/mnt/main.cf', '/etc/postfix/main.cf');
    expect(kit.snapshot()).toEqual(present);
  });

  it('has SELinux label the files where there is SELinux', async () => {
    kit.standIn('restorecon', 'echo "$@" >>/mnt/labelled');
    expect((await kit.run()).status).toBe(0);
    expect(readFileSync(machine.path('/mnt/labelled'), 'utf8')).toBe(`-RF ${installDir}\n`);
    expect((await kit.run('--undo')).status).toBe(0);
    await machine.script('rm /mnt/stand-ins/restorecon');
  });

  it('keeps five backups', async () => {
    await machine.must('cp', '-a', '/etc/postfix', '/mnt/before');
    for (let round = 0; round < 7; round++) {
      kit.write('relay_clientcerts', `AA:BB:0${round} client.example.com\n`);
      expect((await kit.run()).status).toBe(0);
    }
    const kept = (await machine.must('ls', `${installDir}.backup`)).split('\n').filter((name) => /^\d/.test(name));
    expect(kept).toHaveLength(5);
    for (let round = 0; round < 5; round++) expect((await kit.run('--undo')).stdout).toMatch(/^undone/);
    expect(await machine.must('postmap', '-s', `hash:${installDir}/relay_clientcerts`)).toMatch(/^aa:bb:01\t/);
    await machine.script('find /etc/postfix -mindepth 1 -delete; cp -a /mnt/before/. /etc/postfix');
    expect(kit.snapshot()).toEqual(pristine);
  });

  describe('with a transport of its own', () => {
    // Its folder is that of a client, and the machine is the server.
    const here = ['--host', 'client.example.com'];

    beforeAll(async () => {
      kit = await Kit.make(machine, clientView());
    });

    it('adds the entry to master.cf once, and takes it back', async () => {
      expect((await kit.run(...here)).status).toBe(0);
      const entry = (await machine.must('postconf', '-M', 'certrelay/unix')).trim().split(/\s+/);
      expect(entry).toEqual('certrelay unix - - y - - smtp -o smtp_tls_security_level=encrypt'.split(' '));
      expect((await kit.run(...here)).stdout).toMatch(/^nothing changed/);
      expect((await kit.run(...here, '--undo')).status).toBe(0);
      expect(kit.snapshot()).toEqual(pristine);
    });

    it("leaves the postmaster's later edits of master.cf", async () => {
      expect((await kit.run(...here)).status).toBe(0);
      await machine.must('postconf', '-P', 'smtp/inet/smtpd_banner=hello');
      expect((await kit.run(...here, '--undo')).status).toBe(0);
      expect(await machine.must('postconf', '-P')).toContain('smtp/inet/smtpd_banner = hello');
      expect((await machine.must('postconf', '-M', 'certrelay/unix')).trim()).toBe('');
    });
  });
});
