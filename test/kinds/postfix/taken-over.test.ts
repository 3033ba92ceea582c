import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { apply, standIns } from './lab/applying.ts';
import { Certrelay, runInstall, type SetUp } from './lab/certrelay.ts';
import { DebianPostfix } from './lab/debian-postfix.ts';
import { Machine, type Ran } from './lab/machine.ts';
import { snapshotOf } from './lab/snapshot.ts';

const [server, client] = ['server.example.com', 'client.example.com'] as const;
const missing = needs('root', 'netns', 'debian-postfix', 'postfix', 'openssl', 'dash', 'busybox', 'bash');
const names = ['--server', server, '--client', client, '--os', 'debian12', '--client-os', 'debian12'];

type Run = (...args: readonly string[]) => Promise<Ran>;

/** A host that has a life, set back before every case; `text` (sh) says which. */
class LivingHost {
  readonly name: string;
  readonly machine: Machine;
  readonly certrelay = new Certrelay();
  readonly #text: string;
  readonly #setUp: SetUp;

  private constructor(name: string, machine: Machine, text: string) {
    this.name = name;
    this.machine = machine;
    this.#text = text;
    this.#setUp = this.certrelay.init('out', ...names);
  }

  static async start(name: string, text: string): Promise<LivingHost> {
    const machine = await Machine.start(name);
    await DebianPostfix.install(machine, `127.0.0.1 localhost\n127.0.1.1 ${name}\n`, '127.0.0.1');
    await machine.script(`cp -a /etc/postfix /mnt/stock; mkdir ${standIns}`);
    return new LivingHost(name, machine, text);
  }

  /** The stock host, what its postmaster has done to it, and the folder of a set-up. */
  async prepare(text = this.#text): Promise<void> {
    await this.machine.script(`find /etc/postfix -mindepth 1 -delete; cp -a /mnt/stock/. /etc/postfix\n${text}`);
    await this.machine.script("find /etc/postfix -name '*.cf' -exec touch -d '1 minute ago' {} +");
    this.#setUp.carry(this.name, this.machine);
  }

  /** The folder of another set-up, or of one that is changed. */
  carry(out: string, ...options: readonly string[]): void {
    this.certrelay.init(out, ...options).carry(this.name, this.machine);
  }

  /** Has certrelay do what a refusal offers, in a set-up like the first; answers nothing, for it has to succeed. */
  carryAsOffered(said: string, option: string, out: string): void {
    const offered = new RegExp(`^ {2}certrelay init (${option} .*) --yes$`, 'm').exec(said)?.[1] ?? '';
    expect(offered).toContain(option);
    this.certrelay.init(out, ...names);
    this.carry(out, ...offered.split(' '));
  }

  /** Both ways to install, as the administrator types them. */
  ways(): readonly (readonly [string, Run, dryRun: string])[] {
    const by =
      (way: string): Run =>
      async (...args) =>
        way === 'install.sh'
          ? runInstall(this.name, this.machine, ...args)
          : apply(this.certrelay, this.machine, this.name, ...args, '--yes');
    return [
      ['install.sh', by('install.sh'), '--dry-run'],
      ['certrelay apply', by('certrelay apply'), '--check'],
    ];
  }

  /** Both ways end with 3, say the same and change nothing; answers what that is. */
  async refused(...args: readonly string[]): Promise<string> {
    const before = snapshotOf(this.machine, { times: true });
    const said: string[] = [];
    for (const [way, run, dryRun] of this.ways()) {
      const { status, stdout, stderr } = await run(...args, ...(args.includes('--yes') ? [] : [dryRun]));
      expect([way, status, stdout, stderr]).toEqual([way, 3, '', expect.stringContaining(': nothing changed: ')]);
      said.push(
        stderr
          .replace(/^(?:install\.sh|certrelay): /, '')
          .replace(/^ {2}(?:sh install\.sh|certrelay apply \S+)/gm, '  WAY'),
      );
    }
    expect(snapshotOf(this.machine, { times: true })).toEqual(before);
    expect(new Set(said).size).toBe(1);
    return said[0] ?? '';
  }

  /** Both ways take it, and a second run has nothing to do and needs no flag; then it is taken back. */
  async taken(...flags: readonly string[]): Promise<void> {
    const before = snapshotOf(this.machine);
    for (const [way, run] of this.ways()) {
      expect([way, await run(...flags)]).toEqual([way, expect.objectContaining({ status: 0, stderr: '' })]);
      for (const [, again] of this.ways()) expect((await again()).stdout).toMatch(/^nothing (?:changed|to change): /);
      expect((await run('--undo')).status).toBe(0);
      expect(snapshotOf(this.machine)).toEqual(before);
    }
  }

  async stop(): Promise<void> {
    this.certrelay.remove();
    await this.machine.stop();
  }
}

/** A certificate that mail programs know, and the ports of mail submission. */
const publicServer = `
mkdir /etc/postfix/public
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=${server} \\
  -addext subjectAltName=DNS:${server} -keyout /etc/postfix/public/key.pem -out /etc/postfix/public/fullchain.pem 2>/dev/null
postconf -e smtpd_tls_cert_file=/etc/postfix/public/fullchain.pem smtpd_tls_key_file=/etc/postfix/public/key.pem
postconf -M 'submission/inet=submission inet n - y - - smtpd'
postconf -P submission/inet/smtpd_tls_security_level=encrypt submission/inet/smtpd_relay_restrictions=permit_sasl_authenticated,reject
`;

describe.skipIf(missing)('a server whose certificate others see', () => {
  let host: LivingHost;

  beforeAll(async () => {
    host = await LivingHost.start(server, publicServer);
  });

  beforeEach(() => host.prepare());
  afterAll(() => host?.stop());

  it('keeps it unless somebody agrees: ports and certificate are named', async () => {
    expect(await host.refused()).toBe(
      [
        "nothing changed: every port would show a certificate of certrelay's CA, which only its clients trust, in place of",
        '    port 25: /etc/postfix/public/fullchain.pem',
        '    port 587: /etc/postfix/public/fullchain.pem',
        'hint: keep the certificate, give the clients a port of their own, or replace it all the same:',
        '  certrelay init --server-cert keep --server-ca ISSUER.pem --yes',
        '    ISSUER.pem is the CA that issued it; then install the server and its clients again',
        '  certrelay init --service 2525 --yes',
        '    then install the server and its clients again',
        '  WAY --replace-certificate',
        '',
      ].join('\n'),
    );
    expect(await host.refused('--yes', '--all-routes')).toContain('--replace-certificate');
    await host.taken('--replace-certificate');
  });

  it('keeps it by the first command that is offered', async () => {
    const issuer = join(host.certrelay.folder, 'ISSUER.pem');
    writeFileSync(issuer, await host.machine.must('cat', '/etc/postfix/public/fullchain.pem'));
    host.carryAsOffered(await host.refused(), '--server-cert', 'kept');
    await host.taken();
  });

  it('keeps it by the second', async () => {
    host.carryAsOffered(await host.refused(), '--service', 'apart');
    await host.taken();
  });

  it.each([
    ['a chain file', 'postconf -e smtpd_tls_chain_files=/etc/postfix/public/all.pem', ['25', '587']],
    [
      'an ECDSA certificate beside',
      'postconf -e smtpd_tls_cert_file=none smtpd_tls_eccert_file=/etc/ec.pem',
      ['25', '587'],
    ],
    ['a name in the path', "postconf -e 'smtpd_tls_cert_file=$config_directory/public/fullchain.pem'", ['25', '587']],
    [
      'a port that has it by an -o, which the chain files of main.cf would hide',
      `postconf -e smtpd_tls_cert_file=/etc/ssl/certs/ssl-cert-snakeoil.pem
       postconf -P submission/inet/smtpd_tls_cert_file=/etc/postfix/public/fullchain.pem`,
      ['587'],
    ],
    [
      'postscreen in front',
      `postconf -M# smtp/inet; postconf -M 'smtp/inet=smtp inet n - y - 1 postscreen' 'smtpd/pass=smtpd pass - - y - - smtpd'`,
      ['25', '587'],
    ],
    [
      'a filter that comes back by loopback',
      "postconf -M '127.0.0.1:10025/inet=127.0.0.1:10025 inet n - y - - smtpd'",
      ['25', '587'],
    ],
  ])('%s', async (_, text, ports) => {
    await host.machine.script(text);
    const said = await host.refused();
    expect(said.match(/(?<=^ {4}port )\d+/gm)?.sort()).toEqual(ports);
  });

  it.each([
    [
      'a port with chain files of its own',
      `postconf -e smtpd_tls_cert_file=/etc/ssl/certs/ssl-cert-snakeoil.pem
       postconf -P submission/inet/smtpd_tls_chain_files=/etc/postfix/public/all.pem`,
    ],
    ["Red Hat's stock certificate", 'postconf -e smtpd_tls_cert_file=/etc/pki/tls/certs/postfix.pem'],
    ['no certificate', 'postconf -X smtpd_tls_cert_file smtpd_tls_key_file'],
  ])('does not stop for %s', async (_, text) => {
    await host.machine.script(text);
    for (const [way, run, dryRun] of host.ways())
      expect([way, (await run(dryRun)).stdout]).toEqual([way, expect.stringContaining('would change')]);
  });

  it('says the same in JSON', async () => {
    const { status, stdout } = await apply(host.certrelay, host.machine, server, '--check', '--json');
    expect(status).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      changed: false,
      errors: [
        {
          code: 'certificate-replaced',
          hint: expect.stringContaining(`certrelay apply ${server} --replace-certificate`),
        },
      ],
      details: ['    port 25: /etc/postfix/public/fullchain.pem', '    port 587: /etc/postfix/public/fullchain.pem'],
    });
  });

  it("takes a certificate for certrelay's own that another of its directories has", async () => {
    const [, [, run] = []] = host.ways();
    expect((await run?.('--replace-certificate'))?.status).toBe(0);
    host.carry('moved', ...names, '--install-dir', '/etc/postfix/moved');
    for (const [way, again, dryRun] of host.ways())
      expect([way, (await again(dryRun)).stdout]).toEqual([way, expect.stringContaining('would change')]);
  });

  it.each([['dash'], ['busybox', 'sh'], ['bash', '--posix']])('is read alike by %s', async (...shell) => {
    const { status, stderr } = await host.machine.run([...(shell as [string]), `/mnt/${server}/install.sh`]);
    expect([status, stderr.match(/^ {4}port .*$/gm)?.length]).toEqual([3, 2]);
  });
});

/** Three routes beside the relay. */
const threeRoutes = `
echo 'internal.example smtp:[10.0.0.3]:2500' >/etc/postfix/transport
echo 'lists.example lmtp:unix:private/lists' >>/etc/postfix/transport
echo 'relayed.example smtp:[${server}]:25' >>/etc/postfix/transport
echo 'boss@client.example.com [smtp.example.net]:587' >/etc/postfix/senders
postmap hash:/etc/postfix/transport hash:/etc/postfix/senders
postconf -M 'amavis/unix=amavis unix - - y - 2 smtp -o smtp_data_done_timeout=1200'
postconf -e transport_maps=hash:/etc/postfix/transport sender_dependent_relayhost_maps=hash:/etc/postfix/senders
postconf -e 'content_filter=amavis:[127.0.0.1]:10024'
`;

describe.skipIf(missing)('a client with other routes', () => {
  let host: LivingHost;

  beforeAll(async () => {
    host = await LivingHost.start(client, threeRoutes);
  });

  beforeEach(() => host.prepare());
  afterAll(() => host?.stop());

  it('keeps them as they are unless somebody agrees: the routes are named', async () => {
    expect(await host.refused()).toBe(
      [
        "nothing changed: mail on other routes would wait in the queue, for it would get the relay's TLS level (secure) and CA as well:",
        '    transport_maps: internal.example smtp:[10.0.0.3]:2500',
        '    sender_dependent_relayhost_maps: boss@client.example.com [smtp.example.net]:587',
        '    content_filter = amavis:[127.0.0.1]:10024',
        '    master.cf: amavis',
        'hint: give the relay a port and a transport of its own, or have these settings for all routes:',
        '  certrelay init --service 2525 --yes',
        '    then install the server and its clients again; the other routes stay as they are',
        '  WAY --all-routes',
        '',
      ].join('\n'),
    );
    expect(await host.refused('--yes', '--replace-certificate')).toContain('--all-routes');
    await host.taken('--all-routes');
  });

  it('keeps them by the command that is offered, and senders by the next', async () => {
    host.carryAsOffered(await host.refused(), '--service', 'apart');
    const said = await host.refused();
    expect(said).toContain(
      [
        'nothing changed: mail of senders with a relay host of their own would have to pass by the transport for the relay',
        '    sender_dependent_relayhost_maps: boss@client.example.com [smtp.example.net]:587\n',
      ].join('\n'),
    );
    await host.taken('--all-routes');
    const command = said.match(/^ {2}postconf .*$/m)?.[0] ?? 'false';
    // What cannot be put into a pipemap is not offered.
    await host.machine.script(
      "postconf -e 'sender_dependent_relayhost_maps = inline:{ a@b.example=[mx.example.net] }'",
    );
    expect(await host.refused()).not.toContain('postconf');
    await host.machine.script('postconf -e sender_dependent_relayhost_maps=hash:/etc/postfix/senders');
    await host.machine.script(command);
    const now = 'sender_dependent_default_transport_maps';
    expect(await host.machine.must('postconf', now)).toBe(`${now} = pipemap:{hash:/etc/postfix/senders,static:smtp}\n`);
    const table = await host.machine.must(
      'postmap',
      '-q',
      'boss@client.example.com',
      'pipemap:{hash:/etc/postfix/senders,static:smtp}',
    );
    expect(table).toBe('smtp\n');
    await host.taken();
  });

  it.each([
    [
      'patterns',
      "echo '/internal/ smtp:[10.0.0.3]' >/etc/postfix/p; postconf -e transport_maps=pcre:/etc/postfix/p",
      'transport_maps = pcre:/etc/postfix/p',
    ],
    [
      'a table in braces',
      "postconf -e 'transport_maps = inline:{ a.example=smtp:[10.0.0.3] }'",
      'transport_maps = inline:{ a.example=smtp:[10.0.0.3] }',
    ],
    ['a table that is not there', 'postconf -e transport_maps=hash:/no', 'transport_maps = hash:/no'],
    ['a default transport', "postconf -e 'default_transport=smtp:[10.0.0.3]'", 'default_transport = smtp:[10.0.0.3]'],
    [
      'a transport of relay domains',
      "postconf -e 'relay_transport=relay:[10.0.0.3]'",
      'relay_transport = relay:[10.0.0.3]',
    ],
    ['a fallback', "postconf -e 'smtp_fallback_relay=[10.0.0.3]'", 'smtp_fallback_relay = [10.0.0.3]'],
    [
      'policies',
      'echo "other.example secure" >/etc/postfix/o; postconf -e smtp_tls_policy_maps=texthash:/etc/postfix/o',
      'smtp_tls_policy_maps: other.example secure',
    ],
    [
      'policies per site',
      'postconf -e smtp_tls_per_site=texthash:/etc/postfix/o',
      'smtp_tls_per_site = texthash:/etc/postfix/o',
    ],
    [
      'a filter of one port',
      "postconf -P 'smtp/inet/content_filter=smtp:[127.0.0.1]:10024'",
      'master.cf: smtp/inet/content_filter = smtp:[127.0.0.1]:10024',
    ],
    ['a transport for one host', "postconf -M 'slow/unix=slow unix - - y - 1 smtp'", 'master.cf: slow'],
    [
      'transports by sender',
      "echo 'a@b.example smtp:[10.0.0.3]' >/etc/postfix/o; postconf -e sender_dependent_default_transport_maps=texthash:/etc/postfix/o",
      'sender_dependent_default_transport_maps: a@b.example smtp:[10.0.0.3]',
    ],
    ['a mailbox host', "postconf -e 'mailbox_transport=smtp:[10.0.0.3]'", 'mailbox_transport = smtp:[10.0.0.3]'],
  ])('stops for %s', async (_, text, route) => {
    await host.prepare(text);
    expect((await host.refused()).match(/(?<=^ {4})\S.*$/gm)?.slice(0, -1)).toEqual([route]);
  });

  it.each([
    ['a plain host', ':'],
    [
      'routes that are not smtp(8)',
      "echo 'lists.example lmtp:unix:x' >/etc/postfix/o; postconf -e transport_maps=texthash:/etc/postfix/o virtual_transport=lmtp:unix:x",
    ],
    [
      'routes to the relay',
      `echo 'a.example smtp:[${server}]:25' >/etc/postfix/o; postconf -e transport_maps=texthash:/etc/postfix/o 'smtp_fallback_relay=[${server}]:25'`,
    ],
    [
      'a transport with a level of its own',
      "postconf -M 'slow/unix=slow unix - - y - 1 smtp -o smtp_tls_security_level=may'; postconf -e 'content_filter=slow:[127.0.0.1]:10024'",
    ],
    [
      'a sender that is left to relayhost',
      "echo 'a@b.example DUNNO' >/etc/postfix/o; postconf -e sender_dependent_relayhost_maps=texthash:/etc/postfix/o",
    ],
    ['an empty table', ': >/etc/postfix/o; postconf -e transport_maps=texthash:/etc/postfix/o'],
    ['a relay host that it leaves', 'postconf -e relayhost=[smtp.example.net]:587'],
  ])('does not stop for %s', async (_, text) => {
    await host.prepare(text);
    for (const [way, run, dryRun] of host.ways())
      expect([way, await run(dryRun)]).toEqual([
        way,
        expect.objectContaining({ stdout: expect.stringContaining('would change'), stderr: '' }),
      ]);
  });

  it('is brought up to date from a folder that left the CAs of the system in force, with a word about them', async () => {
    await host.machine.script(`
      cd /mnt/${client}; sed -i '/^smtp_tls_CApath =/d; /^smtp_tls_trust_anchor_file =/d; /^tls_append_default/d' main.cf install.sh
      sha256sum $(sed 's/^[^ ]*  //' SHA256SUMS) >x; mv x SHA256SUMS`);
    expect((await host.ways()[0]?.[1]('--all-routes'))?.status).toBe(0);
    host.carry('out');
    for (const [way, run, dryRun] of host.ways()) {
      const { stdout, stderr } = await run(dryRun);
      expect([way, stdout]).toEqual([way, expect.stringContaining('smtp_tls_CApath =  (was: /etc/ssl/certs)')]);
      expect(stderr).toContain(
        "the CAs in smtp_tls_CApath, /etc/ssl/certs, no longer count, on this host's other routes either\n",
      );
    }
  });

  it.each([['dash'], ['busybox', 'sh'], ['bash', '--posix']])('is read alike by %s', async (...shell) => {
    const { status, stderr } = await host.machine.run([...(shell as [string]), `/mnt/${client}/install.sh`]);
    expect([status, stderr.match(/^ {4}\S.*$/gm)?.length]).toEqual([3, 5]);
  });
});
