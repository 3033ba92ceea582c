import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { carryAndApply, standInOptions, standIns } from './lab/applying.ts';
import type { SetUp } from './lab/certrelay.ts';
import { client, type Lab, labNeeds, openLab, server } from './lab/lab.ts';
import type { Ran } from './lab/machine.ts';
import { snapshotOf } from './lab/snapshot.ts';

const names = ['--server', server, '--client', client, '--os', 'debian12', '--client-os', 'debian12'];
const service = ['--dedicated-port', '2525'];
const another = 'other.example.com';

describe.skipIf(needs(...labNeeds))('a service of its own', () => {
  let lab: Lab;
  let setUp: SetUp;
  let pristine: Readonly<Record<string, string>>;

  const machine = (name: string) => lab.host(name).machine;
  const snapshot = (name = server) => snapshotOf(machine(name));
  const masterCf = () => readFileSync(machine(server).path('/etc/postfix/master.cf'), 'utf8');
  const apply = (...args: readonly string[]): Promise<Ran> =>
    carryAndApply({ certrelay: lab.certrelay, setUp }, machine(server), ...args);
  const install = (...args: readonly string[]) => setUp.install(server, machine(server), ...args);

  const installWithStandIns = () => {
    setUp.carry(server, machine(server));
    return machine(server).run(['sh', `/mnt/${server}/install.sh`, ...standInOptions(machine(server))]);
  };

  /** What a port of the server says to the end of RCPT, as openssl(1) shows it; with a certificate, where one is named. */
  const session = async (port: number, to: string, pem?: string) => {
    const shown = pem === undefined ? [] : ['-cert', pem, '-key', pem];
    const command = ['openssl', 's_client', '-starttls', 'smtp', '-connect', `192.0.2.1:${port}`, ...shown] as const;
    const said = ['EHLO client.example.com', 'MAIL FROM:<root@client.example.com>', `RCPT TO:<${to}>`, 'QUIT', ''];
    const script = said.map((line) => `sleep 0.2; printf '%s\\r\\n' '${line}'`).join('; ');
    const asked = await machine(client).run(['sh', '-c', `(${script}) | ${command.join(' ')} -crlf -ign_eof 2>&1`]);
    return asked.stdout;
  };

  beforeAll(async () => {
    lab = await openLab({ [server]: { destinations: ['local.example'] }, [client]: {}, [another]: {} });
    setUp = lab.certrelay.init('out', ...names, ...service);
    await lab.host(server).start();
    pristine = snapshot();
  });

  afterAll(() => lab?.close());

  it('is installed by install.sh in an entry of master.cf, and main.cf stays as it is to the last byte', async () => {
    const { status, stdout, stderr } = await install();
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^installed: server\.example\.com is ready; Postfix reloaded\n/);
    expect(stdout).toContain('  master.cf  2525 inet n - n - - smtpd -o syslog_name=postfix/certrelay ');
    expect(snapshot()['main.cf']).toBe(pristine['main.cf']);
    expect((await machine(server).must('postconf', '-M', '2525/inet')).split(/\s+/).slice(0, 8)).toEqual([
      ...['2525', 'inet', 'n', '-', 'n', '-', '-', 'smtpd'],
    ]);
  });

  it('is what certrelay apply would do, too', async () => {
    const before = snapshotOf(machine(server), { times: true });
    expect((await install()).stdout).toMatch(/^nothing changed/);
    const { status, stdout } = await apply('--json');
    expect([status, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ changed: false, pending: false })]);
    expect(snapshotOf(machine(server), { times: true })).toEqual(before);
  });

  it('lets the client relay, who shows its certificate there and nowhere else', async () => {
    await lab.install(setUp, client);
    await lab.host(another).start();
    await lab.relays(client, 'by the service');
    const sent = await lab.host(client).logged(/status=sent/);
    expect(sent).toContain('relay=server.example.com[192.0.2.1]:2525,');
    await lab.host(server).logged(/postfix\/certrelay\/smtpd\[\d+\]: Trusted TLS connection established from /);
    // The plain transport, which a transport map may name for a host, has no certificate to show.
    await machine(client).must(
      'postconf',
      '-e',
      'transport_maps = inline:{other.example.com=smtp:[other.example.com]}',
    );
    await lab.host(another).set({ smtpd_tls_ask_ccert: 'yes', smtpd_tls_loglevel: '1' });
    for (const name of [client, another]) await machine(name).must('postfix', 'reload');
    await lab.host(client).send(`root@${client}`, `root@${another}`, 'directly');
    await lab.host(client).queueEmpty();
    await lab.host(another).logged(/Anonymous TLS connection established from client\.example\.com/);
    await lab.relays(client, 'by the service still');
    await machine(client).must('postconf', '-X', 'transport_maps');
    await machine(client).must('postfix', 'reload');
  });

  it('asks for a certificate, and port 25 asks nobody', async () => {
    const own = setUp.path(client, `${client}.pem`);
    expect(await session(2525, 'someone@outside.example', own)).toMatch(/Acceptable client certificate CA names/);
    expect(await session(25, 'someone@outside.example', own)).toMatch(/No client certificate CA names sent/);
  });

  it('refuses everybody else, for its own domains too, and port 25 serves them as before', async () => {
    const [elsewhere, local] = ['someone@outside.example', 'root@local.example'] as const;
    const own = setUp.path(client, `${client}.pem`);
    const asked = await Promise.all([
      ...[session(2525, elsewhere), session(2525, local), session(25, elsewhere), session(25, local)],
      ...[session(2525, local, own), session(25, elsewhere, own)],
    ]);
    const replies = asked.map((said) => /^[0-9]{3} [245]\.[^\r\n]*(?=\r?\n221 )/m.exec(said)?.[0]);
    expect(replies).toEqual([
      '454 4.7.1 <someone@outside.example>: Relay access denied',
      '450 4.3.2 <root@local.example>: Recipient address rejected: Try again later',
      '454 4.7.1 <someone@outside.example>: Relay access denied',
      '250 2.1.5 Ok',
      '250 2.1.5 Ok',
      '454 4.7.1 <someone@outside.example>: Relay access denied',
    ]);
  });

  it('is what certrelay probe finds, without being told the port', async () => {
    const cli = join(lab.certrelay.folder, 'package', 'dist', 'cli.js');
    const probe = (...args: readonly string[]) =>
      machine(client).run([process.execPath, cli, 'probe', ...args, '--as', client, '--out', setUp.out, '--json']);
    const { status, stdout, stderr } = await probe(server);
    if (stdout === '') throw new Error(stderr);
    const document = JSON.parse(stdout);
    expect([status, document.place.port]).toEqual([0, 2525]);
    expect(
      document.sessions.map(({ id, outcome, agreement }: Record<string, unknown>) => [id, outcome, agreement]),
    ).toEqual([
      ...['listed', 'no-certificate', 'stranger'].map((id) => [
        id,
        id === 'listed' ? 'permitted' : 'refused',
        { kind: 'same' },
      ]),
    ]);
    // On the server itself there is nobody whom the service lets in by address either.
    const onServer = await machine(server).run([
      ...([process.execPath, cli, 'probe', '127.0.0.1', '--as', client, '--out', setUp.out] as const),
    ]);
    expect([onServer.status, onServer.stdout]).toEqual([0, expect.stringMatching(/^as it must be: /)]);
  });

  it('has the rest of certrelay look at its lists', async () => {
    const verified = lab.certrelay.run('verify', '--out', setUp.out);
    expect([verified.status, verified.stdout]).toEqual([
      0,
      expect.stringMatching(
        /verification of server\.example\.com, service "2525", over the stock main\.cf of debian12/,
      ),
    ]);
    expect(verified.stdout).toMatch(/ {2}met {6}everybody on the other services \(smtp\), on every path \(\d+\)/);
    const audited = lab.certrelay.run('audit', '--out', setUp.out, '--json');
    expect([audited.status, JSON.parse(audited.stdout)]).toEqual([0, expect.objectContaining({ service: '2525' })]);
  });

  it('moves to another port, and is taken back, by an apply each', async () => {
    setUp = lab.certrelay.init('out', ...names, '--dedicated-port', '2626');
    const moved = await apply('--yes');
    expect([moved.status, moved.stderr]).toEqual([0, '']);
    expect(moved.stdout).toContain('  master.cf  no longer 2525 inet n - n - - smtpd ');
    expect(moved.stdout).toContain('  answers  127.0.0.1 port 2626\n');
    expect(masterCf()).not.toMatch(/^2525/m);
    expect((await apply('--undo', '--yes')).status).toBe(0);
    expect(masterCf()).not.toMatch(/^2626/m);
    expect(await session(2525, 'someone@outside.example')).toContain('454 4.7.1');
    setUp = lab.certrelay.init('out', ...names, '--dedicated-port', 'off');
    const { status, stdout } = await apply('--yes');
    expect([status, stdout]).toEqual([0, expect.stringContaining('  master.cf  no longer 2525 inet n - n - - smtpd ')]);
    expect(masterCf()).not.toMatch(/^2[56]/m);
    expect(await session(25, 'someone@outside.example', setUp.path(client, `${client}.pem`))).toContain('250 2.1.5 Ok');
    // The client's transport goes as well, and its mail by the port that everybody uses.
    const atClient = await setUp.install(client, machine(client));
    expect([atClient.status, atClient.stdout]).toEqual([
      0,
      expect.stringContaining('  master.cf  no longer certrelay unix '),
    ]);
    expect((await machine(client).must('postconf', '-h', 'default_transport')).trim()).toBe('smtp');
    await lab.relays(client, 'by the usual port');
    expect(
      lab
        .host(client)
        .log()
        .match(/relay=\S+:\d+/g)
        ?.at(-1),
    ).toBe('relay=server.example.com[192.0.2.1]:25');
    expect((await install()).stdout).toMatch(/^nothing changed/);
  });

  it('is taken back step by step, to the last byte', async () => {
    for (const by of ['apply', 'install.sh']) {
      const { status, stdout } = by === 'apply' ? await apply('--undo', '--yes') : await install('--undo');
      expect([by, status, stdout]).toEqual([by, 0, expect.stringMatching(/^undone: /)]);
    }
    expect(snapshot()).toEqual(pristine);
  });

  it('is changed in its place, moves and goes by install.sh as well', async () => {
    setUp = lab.certrelay.init('out', ...names, ...service);
    expect((await install()).status).toBe(0);
    setUp = lab.certrelay.init('out', ...names, ...service, '--unauthorized', 'reject');
    const changed = await install();
    expect([changed.status, changed.stdout]).toEqual([0, expect.not.stringContaining('no longer')]);
    expect(await machine(server).must('postconf', '-P', '2525/inet/smtpd_relay_restrictions')).toContain(
      '= permit_tls_clientcerts,reject_unauth_destination,reject\n',
    );
    setUp = lab.certrelay.init('out', ...names, '--dedicated-port', '2626', '--unauthorized', 'defer');
    const moved = await install();
    expect([moved.status, moved.stderr]).toEqual([0, '']);
    expect(moved.stdout).toContain('  master.cf  no longer 2525 inet n - n - - smtpd ');
    setUp = lab.certrelay.init('out', ...names, ...service);
    expect((await apply('--yes')).status).toBe(0);
    expect(masterCf()).not.toMatch(/^2626/m);
    for (let step = 0; step < 4; step++) expect((await install('--undo')).status).toBe(0);
    expect(snapshot()).toEqual(pristine);
  });

  describe.each([
    ['install.sh', (): Promise<Ran> => installWithStandIns()],
    ['certrelay apply', () => apply('--yes')],
  ])('and %s', (_, run) => {
    const kept = '/mnt/kept-master.cf';

    const refused = async (message: RegExp) => {
      const before = snapshotOf(machine(server), { times: true });
      const { status, stdout, stderr } = await run();
      expect([status, stdout, stderr]).toEqual([3, '', expect.stringMatching(message)]);
      expect(snapshotOf(machine(server), { times: true })).toEqual(before);
    };

    it.each([
      [
        'an entry of that name',
        "postconf -M '2525/inet=2525 inet n - y - - smtpd -o smtpd_banner=mine'",
        /: nothing changed: \/etc\/postfix\/master\.cf has an entry "2525\/inet" that certrelay did not make so\n {2}2525 .* smtpd_banner=mine\nhint: take it out, or choose another port: certrelay init --dedicated-port PORT --yes\n$/,
      ],
      [
        'an entry of that port',
        "postconf -M '127.0.0.1:2525/inet=127.0.0.1:2525 inet n - y - - smtpd'",
        /: nothing changed: port 2525 is that of the entry "127\.0\.0\.1:2525\/inet" in \/etc\/postfix\/master\.cf\n/,
      ],
    ])('refuse a port that has %s', async (_what, command, message) => {
      await machine(server).script(`cp -p /etc/postfix/master.cf ${kept}; ${command}`);
      try {
        await refused(message);
      } finally {
        await machine(server).script(`cp -p ${kept} /etc/postfix/master.cf`);
      }
    });

    it('refuse a port on which another program listens', async () => {
      const listens = "require('net').createServer().listen(2525, '127.0.0.1', () => console.log('listens'))";
      const ends = "process.stdin.on('end', () => process.exit()).resume()";
      const program = machine(server).spawn(process.execPath, '-e', `${listens}; ${ends}`);
      try {
        await once(program.stdout ?? program, 'data');
        await refused(/: nothing changed: another program of this host listens on port 2525\nhint: "ss -ltnp" says/);
      } finally {
        program.stdin?.end();
        await once(program, 'exit');
      }
    });

    it('refuse a port on which SELinux would not let Postfix listen', async () => {
      const programs = { getenforce: 'echo Enforcing', semanage: "echo 'smtp_port_t tcp 25, 465, 500-600'" };
      for (const [name, text] of Object.entries(programs)) {
        await machine(server).script(`
          mkdir -p ${standIns}; printf '#!/bin/sh\\n%s\\n' "${text}" >${standIns}/${name}; chmod +x ${standIns}/${name}`);
      }
      try {
        await refused(
          /: nothing changed: SELinux does not let Postfix listen on port 2525\nhint: let it: semanage port -a /,
        );
      } finally {
        await machine(server).script(`rm -r ${standIns}`);
      }
    });

    it('leave an entry that its postmaster edited since', async () => {
      expect((await run()).status).toBe(0);
      await machine(server).must('postconf', '-P', '2525/inet/smtpd_banner=hello');
      const { status, stderr } = await run();
      expect([status, stderr]).toEqual([
        3,
        expect.stringContaining('an entry "2525/inet" that certrelay did not make so'),
      ]);
      await machine(server).must('postconf', '-PX', '2525/inet/smtpd_banner');
      expect((await run()).stdout).toMatch(/^nothing /);
      expect((await install('--undo')).status).toBe(0);
      expect(masterCf()).not.toMatch(/^2525/m);
    });
  });
});
