import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExplainDocument } from '../../cli/commands/explain/workbench.ts';
import { needs } from '../../needs.ts';
import { program } from '../../setup/program.ts';
import { DebianPostfix } from './lab/debian-postfix.ts';
import { injectedApply } from './lab/injected.ts';
import { Machine } from './lab/machine.ts';
import { until } from './lab/until.ts';

const name = 'server.example.com';
const log = '/var/log/mail.log';
const map = '/etc/postfix/relay_clientcerts';
const injected = '/mnt/apply-injected.mjs';
const backups = '/etc/postfix/certrelay.backup';
const stockList = 'permit_mynetworks permit_sasl_authenticated defer_unauth_destination';

/** What the server has where nothing is wrong but the place of the permit. */
const sound = {
  mynetworks: '[::1]/128',
  relay_clientcerts: `hash:${map}`,
  smtpd_relay_restrictions: stockList,
  smtpd_recipient_restrictions: 'permit_tls_clientcerts, reject_unauth_destination',
  smtpd_relay_before_recipient_restrictions: 'yes',
  smtpd_tls_ask_ccert: 'yes',
  smtpd_tls_fingerprint_digest: 'sha256',
  smtpd_tls_loglevel: '2',
};

/** A client that a real server refuses, and what `explain --live` on that server makes of it. */
describe.skipIf(needs('root', 'netns', 'debian-postfix', 'postfix', 'openssl', 'nsenter'))('explain --live', () => {
  const built = program();
  let machine: Machine;
  let postfix: DebianPostfix;

  beforeAll(async () => {
    machine = await Machine.start(name);
    postfix = await DebianPostfix.install(machine, `127.0.0.1 localhost\n127.0.1.1 ${name}\n`, '127.0.0.1', {
      chroot: false,
      own: sound,
    });
    const fingerprint = await machine.script(`
      cd /mnt
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=client.example.com \\
        -keyout client.key -out client.crt 2>/dev/null
      openssl x509 -in client.crt -noout -fingerprint -sha256 | cut -d= -f2`);
    writeFileSync(machine.path(map), `${fingerprint.trim()} client.example.com\n`);
    await machine.must('postmap', `hash:${map}`);
    await postfix.start();
    await injectedApply(machine.path('/mnt'));
  });

  afterAll(() => machine?.stop());

  /** Sets parameters, and has the server forget the sessions of before. */
  async function change(parameters: Readonly<Record<string, string>>): Promise<void> {
    await postfix.set({ ...sound, ...parameters });
    await machine.must('postfix', 'reload');
    writeFileSync(machine.path(log), '');
  }

  /** What a client with that certificate is told, up to RCPT. */
  async function asked(): Promise<string> {
    const commands = [
      'EHLO client.example.com',
      'MAIL FROM:<root@client.example.com>',
      'RCPT TO:<a@outside.org>',
      'QUIT',
    ];
    const input = commands.map((command) => `${command}\r\n`).join('');
    const where = ['-quiet', '-starttls', 'smtp', '-connect', '127.0.0.1:25'];
    const shown = ['-cert', '/mnt/client.crt', '-key', '/mnt/client.key'];
    const { stdout } = await machine.run(['openssl', 's_client', ...where, ...shown], input);
    await postfix.logged(/disconnect from/);
    // The last replies are those to RCPT and QUIT.
    return stdout.trim().split(/\r?\n/).at(-2) ?? '';
  }

  async function certrelay(...args: readonly string[]) {
    return machine.run([process.execPath, join(built.folder, 'package', 'dist', 'cli.js'), ...args]);
  }

  function explained(...args: readonly string[]) {
    return certrelay('explain', '--live', '--log', log, ...args);
  }

  /** Files of the configuration directory with their contents, without the backups. */
  function configuration(): Promise<string> {
    return machine.script(`cd /etc/postfix && find . -type f -exec cksum {} + | sort -k3`);
  }

  async function document(...args: readonly string[]): Promise<ExplainDocument> {
    const { stdout, stderr } = await explained('--json', ...args);
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout) as ExplainDocument;
  }

  const words = ({ code, enhanced, text }: { code: number; enhanced: string; text: string }) =>
    `${code} ${enhanced} ${text}`;

  it.each([
    ['the permit in the other list', {}, '454 4.7.1', 'defer_unauth_destination'],
    [
      'another digest than the map',
      {
        smtpd_tls_fingerprint_digest: 'sha1',
        smtpd_relay_restrictions: 'permit_tls_clientcerts, reject_unauth_destination',
      },
      '554 5.7.1',
      'reject_unauth_destination',
    ],
    [
      'no certificate asked for',
      { smtpd_tls_ask_ccert: 'no', smtpd_relay_restrictions: 'permit_tls_clientcerts, defer_unauth_destination' },
      '454 4.7.1',
      'defer_unauth_destination',
    ],
    [
      'a sender that nobody may have',
      { smtpd_sender_restrictions: 'check_sender_access inline:{client.example.com=REJECT}' },
      '554 5.7.1',
      'check_sender_access',
    ],
  ])('%s: reply, log and simulator agree', async (_what, parameters, codes, decider) => {
    await change(parameters);
    const heard = await asked();
    expect(heard.startsWith(codes)).toBe(true);
    const { postfix: release, sessions } = await document();
    expect(release?.how).toBe('live');
    expect(sessions).toHaveLength(1);
    const [session] = sessions;
    expect(session?.agreement).toBe('same');
    expect(words(session?.logged ?? { code: 0, enhanced: '', text: '' })).toBe(heard);
    expect(words(session?.reply ?? { code: 0, enhanced: '', text: '' })).toBe(heard);
    expect(session?.decidedBy?.restriction).toBe(decider);
    await postfix.set({ smtpd_sender_restrictions: '' });
  });

  it('names lines of main.cf, and finds that the table was not built again', async () => {
    await change({});
    await asked();
    const before = readFileSync(machine.path(map), 'utf8');
    writeFileSync(
      machine.path(map),
      `${before}${Array.from({ length: 32 }, () => 'AB').join(':')} other.example.com\n`,
    );
    const { stdout } = await explained();
    expect(stdout).toMatch(/set in \/etc\/postfix\/main\.cf:\d+/);
    expect(stdout).toContain('Postfix 3.');
    expect(stdout).toContain('as this host says');
    expect(stdout).toContain('[map-stale]');
    writeFileSync(machine.path(map), before);
  });

  it('--apply makes the repair: real mail is let in, and apply --undo takes it back', async () => {
    await change({});
    expect(await asked()).toMatch(/^454 4\.7\.1/);
    const before = readFileSync(machine.path('/etc/postfix/main.cf'), 'utf8');
    const { status, stdout, stderr } = await explained('--apply', '--yes');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/made: .*; Postfix has read it/);
    const after = readFileSync(machine.path('/etc/postfix/main.cf'), 'utf8');
    const changed = after.split('\n').filter((line) => !before.includes(`${line}\n`));
    expect(changed).toHaveLength(1);
    expect(changed[0]).toMatch(/^smtpd_relay_restrictions = .*permit_tls_clientcerts/);
    const heard = await until('the repaired server', async () => {
      const reply = await asked();
      return reply.startsWith('250') ? reply : undefined;
    });
    expect(heard).toMatch(/^250 2\.1\.5/);
    const undo = stdout.slice(stdout.indexOf('to take it back:\n')).split('\n').slice(1).filter(Boolean).join('\n');
    expect(undo).toMatch(/^ {2}certrelay apply --undo \d{8}T\d{6}Z --yes$/);
    expect((await certrelay('apply', '--backups')).stdout).toContain('0 files, 1 parameter');
    const undone = await certrelay(...undo.trim().split(' ').slice(1));
    expect([undone.status, undone.stderr]).toEqual([0, '']);
    expect(readFileSync(machine.path('/etc/postfix/main.cf'), 'utf8')).toBe(before);
    expect(existsSync(machine.path(backups))).toBe(false);
  });

  it('--apply that Postfix does not accept changes nothing', async () => {
    await change({});
    await asked();
    const before = readFileSync(machine.path('/etc/postfix/main.cf'), 'utf8');
    await machine.script(
      'mkdir -p /mnt/stand-ins; printf \'#!/bin/sh\\ncase "$*" in *check*) echo "postfix: fatal: no" >&2; exit 1;; esac\\nexec /usr/sbin/postfix "$@"\\n\' >/mnt/stand-ins/postfix; chmod 755 /mnt/stand-ins/postfix',
    );
    const cli = join(built.folder, 'package', 'dist', 'cli.js');
    const { status, stderr } = await machine.run([
      ...([process.execPath, cli] as const),
      ...['explain', '--live', '--log', log, '--apply', '--yes', '--programs', '/mnt/stand-ins'],
    ]);
    expect(status).toBe(1);
    expect(stderr).toContain('failed: Postfix refuses the new settings: postfix: fatal: no');
    expect(stderr).toContain('everything was put back as it was before');
    expect(readFileSync(machine.path('/etc/postfix/main.cf'), 'utf8')).toBe(before);
  });

  it.each([
    ['keep', 0],
    ['repair', 1],
    ['check', 2],
    ['judge', 3],
    ['reload', 4],
    ['end', 5],
  ])('--apply puts everything back after a failure at "%s"', async (kind, at) => {
    await change({});
    await asked();
    const before = await configuration();
    const failed = await machine.run([process.execPath, injected, `log=${log}`, String(at), 'throw']);
    expect([failed.status, failed.stderr]).toEqual([1, expect.stringContaining('failed: ')]);
    expect(failed.stdout).toMatch(new RegExp(`^steps: .*\\b${kind}$`, 'm'));
    expect(failed.stderr).toMatch(/failed: .*: injected; everything was put back as it was before\n$/);
    expect(await configuration()).toBe(before);
  });

  it('--apply that was killed keeps apply and itself from going on, until --undo', async () => {
    await change({});
    await asked();
    const before = readFileSync(machine.path('/etc/postfix/main.cf'), 'utf8');
    await machine.run([process.execPath, injected, `log=${log}`, '1', 'SIGKILL']);
    expect(readFileSync(machine.path('/etc/postfix/main.cf'), 'utf8')).not.toBe(before);
    await change({});
    await asked();
    const again = await explained('--apply', '--yes');
    expect([again.status, again.stderr]).toEqual([2, expect.stringContaining('was interrupted')]);
    const undone = await certrelay('apply', '--undo', '--yes');
    expect([undone.status, undone.stderr]).toEqual([0, '']);
    expect(existsSync(machine.path(backups))).toBe(false);
  });

  it('--apply of a line in a table comes back with what was compiled of it', async () => {
    await change({ smtpd_relay_restrictions: 'permit_tls_clientcerts, reject_unauth_destination' });
    const listed = readFileSync(machine.path(map), 'utf8');
    writeFileSync(machine.path(map), `${Array.from({ length: 32 }, () => 'AB').join(':')} client.example.com\n`);
    await machine.must('postmap', `hash:${map}`);
    await asked();
    const before = await configuration();
    const { status, stdout, stderr } = await explained('--apply', '--yes');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`${map} was kept as ${backups}/`);
    expect(await configuration()).not.toBe(before);
    const repaired = readFileSync(machine.path(map), 'utf8');
    writeFileSync(machine.path(map), `${repaired}# somebody's own\n`);
    const refused = await certrelay('apply', '--undo', '--yes');
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining(`somebody changed ${map} since`)]);
    writeFileSync(machine.path(map), repaired);
    const undone = await certrelay('apply', '--undo', '--yes');
    expect([undone.status, undone.stderr]).toEqual([0, '']);
    expect(await configuration()).toBe(before);
    writeFileSync(machine.path(map), listed);
    await machine.must('postmap', `hash:${map}`);
  });
});
