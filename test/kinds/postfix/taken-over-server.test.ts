import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { apply } from './lab/applying.ts';
import { LivingHost, livingHostNeeds, names, server } from './lab/living-host.ts';

const missing = needs(...livingHostNeeds);

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
        '  certrelay init --dedicated-port 2525 --yes',
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
    host.carryAsOffered(await host.refused(), '--dedicated-port', 'apart');
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

  it('offers a command that a shell reads as it is meant, whatever the directory is called', async () => {
    await host.machine.script(`cp -a /mnt/${server} '/mnt/new hosts'`);
    const { status, stderr } = await apply(host.certrelay, host.machine, 'new hosts', '--check');
    expect([status, stderr]).toEqual([
      3,
      expect.stringContaining("  certrelay apply 'new hosts' --replace-certificate\n"),
    ]);
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
