import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { seal } from '../../provision/render/install/seal.ts';
import { runInstall, type SetUp } from './lab/certrelay.ts';
import { client, type Lab, labNeeds, openLab, server } from './lab/lab.ts';
import { snapshotOf } from './lab/snapshot.ts';

const names = ['--server', server, '--client', client, '--os', 'debian12', '--client-os', 'debian12'];
const refused = 'status=deferred, not verified';

/** A CA that the system of the client trusts, in the directory with hash links that Debian has, and its certificate for the relay. */
const publicAuthority = `
mkdir -p /mnt/public && cd /mnt/public
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj '/CN=A public CA' \\
  -addext keyUsage=critical,keyCertSign,cRLSign -keyout ca.key -out ca.crt 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=${server} -keyout relay.key -out relay.csr 2>/dev/null
echo subjectAltName=DNS:${server} >names
openssl x509 -req -days 30 -in relay.csr -CA ca.crt -CAkey ca.key -CAcreateserial -extfile names -out relay.crt 2>/dev/null
cat relay.key relay.crt >relay.pem`;

describe.skipIf(needs(...labNeeds)).each([
  ['chrooted', true],
  ['not chrooted', false],
])('a client whose system trusts the CA of a false relay, %s,', (_, chroot) => {
  let lab: Lab;
  let setUp: SetUp;

  const machine = (name: string) => lab.host(name).machine;
  const value = async (name: string) => (await machine(client).must('postconf', '-h', name)).trim();

  /** What the log says of a message to the false relay, with these settings (`postconf -e`) beside the rendered ones. */
  const delivery = async (...settings: readonly string[]) => {
    const before = lab.host(client).log().length;
    if (settings.length > 0) await machine(client).run(['postconf', '-e', ...settings]);
    await lab.host(client).settle();
    // The package's own start puts what smtp_tls_CApath names into the chroot.
    await machine(client).must('postfix', 'stop');
    await lab.host(client).start();
    await lab.host(client).send(`root@${client}`, `root@${server}`, 'to a false relay');
    const line = await lab.host(client).logged(/status=(?:sent|deferred)/, before);
    await machine(client).must('postsuper', '-d', 'ALL');
    return /status=\S+(?: .*Server certificate not \w+)?/.exec(line)?.[0].replace(/ .*(?= not )/, ',');
  };

  beforeAll(async () => {
    lab = await openLab({ [server]: { chroot }, [client]: { chroot } });
    setUp = lab.certrelay.init('out', ...names);
    await machine(client).script(`
      ${publicAuthority}
      cp ca.crt /etc/ssl/certs/public-ca.pem
      ln -s public-ca.pem "/etc/ssl/certs/$(openssl x509 -hash -noout -in ca.crt).0"`);
    await machine(client).must('cp', '-a', '/etc/postfix', '/mnt/pristine');
    await lab.install(setUp);
    writeFileSync(
      machine(server).path('/etc/postfix/false.pem'),
      readFileSync(machine(client).path('/mnt/public/relay.pem')),
    );
    await lab.host(server).set({ smtpd_tls_chain_files: '/etc/postfix/false.pem' });
    await machine(server).must('postfix', 'reload');
  });

  afterAll(() => lab?.close());

  it('refuses it with what is rendered', async () => {
    expect(await machine(client).must('postconf', '-n')).toMatch(
      /^smtp_tls_CApath = ?\n.*^smtp_tls_trust_anchor_file = ?\n.*^tls_append_default_CA = no\n/ms,
    );
    expect(await delivery()).toBe(refused);
  });

  it('would accept it with any of the lines as the host had it, or may have it', async () => {
    expect(await delivery('smtp_tls_CApath=/etc/ssl/certs')).toBe('status=sent');
    const anchor = 'smtp_tls_trust_anchor_file=/etc/ssl/certs/public-ca.pem';
    expect(await delivery('smtp_tls_CApath=', anchor)).toBe('status=sent');
    // OpenSSL's default directory is not in the chroot.
    const added = await delivery('smtp_tls_trust_anchor_file=', 'tls_append_default_CA=yes');
    expect(added).toBe(chroot ? refused : 'status=sent');
    expect(await delivery('tls_append_default_CA=no')).toBe(refused);
  });

  it('refuses it by a transport of its own as well', async () => {
    const own = lab.certrelay.init('own', ...names, '--dedicated-port', '2525');
    expect((await own.install(server, machine(server))).status).toBe(0);
    await machine(server).must('postconf', '-P', '2525/inet/smtpd_tls_chain_files=/etc/postfix/false.pem');
    await machine(server).must('postfix', 'reload');
    expect(await own.install(client, machine(client))).toMatchObject({ status: 0, stderr: '' });
    expect(await value('smtp_tls_CApath')).toBe('/etc/ssl/certs');
    expect(await delivery()).toBe(refused);
    await machine(client).must('postconf', '-PX', 'certrelay/unix/smtp_tls_CApath');
    expect(await delivery()).toBe('status=sent');
    await machine(client).must('postconf', '-P', 'certrelay/unix/smtp_tls_CApath=');
    expect(await delivery()).toBe(refused);
  });

  it('is brought up to date from a folder without the lines, and gets its own values back', async () => {
    await machine(client).script('rm -rf /etc/postfix; cp -a /mnt/pristine /etc/postfix');
    const own = ['smtp_tls_CApath=/etc/ssl/certs', 'tls_append_default_CA=yes'] as const;
    await machine(client).must('postconf', '-e', ...own);
    const before = snapshotOf(machine(client));
    setUp.carry(client, machine(client));
    await machine(client).script(`
      cd /mnt/${client}; sed -i '/^smtp_tls_CApath =/d; /^smtp_tls_trust_anchor_file =/d; /^tls_append_default/d' main.cf install.sh`);
    seal(machine(client).path(`/mnt/${client}`));
    expect((await runInstall(client, machine(client))).status).toBe(0);
    const { status, stdout } = await setUp.install(client, machine(client));
    expect(status).toBe(0);
    expect(stdout.match(/^ {2}main\.cf .*$/gm)).toEqual([
      '  main.cf  smtp_tls_CApath =  (was: /etc/ssl/certs)',
      '  main.cf  smtp_tls_trust_anchor_file =  (was not set)',
      '  main.cf  tls_append_default_CA = no  (was: yes)',
    ]);
    expect((await setUp.install(client, machine(client))).stdout).toMatch(/^nothing changed/);
    // A level at which no chain is verified needs none of it.
    const encrypt = lab.certrelay.init('encrypt', ...names, '--client-level', 'encrypt');
    const weaker = await encrypt.install(client, machine(client));
    expect(weaker.stdout).toContain('  main.cf  smtp_tls_CApath = /etc/ssl/certs  (was: empty)\n');
    expect(weaker.stdout).toContain('  main.cf  tls_append_default_CA = yes  (was: no)\n');
    expect(weaker.stdout).toContain('  main.cf  smtp_tls_trust_anchor_file no longer set\n');
    for (let step = 0; step < 3; step++)
      expect((await encrypt.install(client, machine(client), '--undo')).status).toBe(0);
    expect(snapshotOf(machine(client))).toEqual(before);
  });
});
