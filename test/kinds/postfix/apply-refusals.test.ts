import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { relayList } from '../../provision/render/install/sample.ts';
import { seal } from '../../provision/render/install/seal.ts';
import { AppliedHost } from './lab/applied-host.ts';

const missing = needs('root', 'netns', 'debian-postfix', 'postfix', 'openssl', 'setpriv');
const installDir = '/etc/postfix/certrelay';
/** Whoever changes a folder may change its list of digests with it (sh). */
const listedAgain = 'cd /mnt/server.example.com; sha256sum *.cf *.crt cacert.pem install.sh >SHA256SUMS; cd /';

/** Each case has to leave the host as it was. */
describe.skipIf(missing)('certrelay apply refuses', () => {
  let host: AppliedHost;

  beforeAll(async () => {
    host = await AppliedHost.start();
  });

  afterAll(() => host?.stop());

  it.each([
    [
      'a folder of another Postfix',
      `sed -i "s/^version_from=.*/version_from='3.8'/" /mnt/server.example.com/install.sh; ${listedAgain}`,
      /and this host has 3\.7.*certrelay init --postfix 3\.7 --yes/s,
    ],
    ['a table type that is not there', 'postconf -e default_database_type=nosuch', /no lookup tables of type "nosuch"/],
    [
      'main.cf as a link',
      'mv /etc/postfix/main.cf /etc/postfix/real.cf; ln -s real.cf /etc/postfix/main.cf',
      /"\/etc\/postfix\/main\.cf" is a symbolic link to "real\.cf"/,
    ],
    [
      'its folder as a link',
      `mkdir /etc/postfix/elsewhere; ln -s elsewhere ${installDir}`,
      /certrelay" is a symbolic link/,
    ],
    [
      'a folder of somebody else',
      `mkdir ${installDir}; chown 1234 ${installDir}`,
      /belongs to another user \(uid 1234\)/,
    ],
    [
      'a folder that others may write',
      `mkdir ${installDir}; chmod 0777 ${installDir}`,
      /can be written by others \(mode 0777\)/,
    ],
    [
      'a link where a file is to go',
      `mkdir ${installDir}; ln -s /etc/passwd ${installDir}/cacert.pem`,
      /cacert\.pem" is a symbolic link, where a file is to go/,
    ],
    ['a folder where a file is to go', `mkdir -p ${installDir}/cacert.pem`, /cacert\.pem" is no file/],
    [
      'backups that others may write',
      `mkdir ${installDir}.backup; chmod 0777 ${installDir}.backup`,
      /certrelay\.backup" can be written by others/,
    ],
  ])('%s', async (_, prepare, message) => {
    expect(await host.refused(2, prepare)).toMatch(message);
  });

  it('a user who is not root', async () => {
    await host.prepare(
      `chmod -R a+rX /mnt/server.example.com ${host.certrelay.folder}/package; chmod a+x ${host.certrelay.folder}`,
    );
    const cli = join(host.certrelay.folder, 'package', 'dist', 'cli.js');
    const { status, stderr } = await host.machine.run([
      ...(['setpriv', '--reuid', '65534', process.execPath, cli] as const),
      ...['apply', '/mnt/server.example.com'],
    ]);
    expect([status, stderr]).toEqual([2, expect.stringContaining('only root can apply this')]);
  });

  it('a folder of another host, unless it is said to be this one', async () => {
    await host.prepare('');
    const other = await host.runOn('both.example.com', '--yes');
    expect([other.status, other.stdout]).toEqual([2, '']);
    expect(other.stderr).toContain(
      'this folder is for "both.example.com", and this host calls itself "server.example.com"',
    );
    expect((await host.runOn('both.example.com', '--check', '--host', 'both.example.com')).status).toBe(6);
    expect((await host.runOn('both.example.com', '--check', '--host', 'client.example.com')).status).toBe(2);
  });

  it('instances and directories that are not there', async () => {
    expect(await host.refused(2, '', '-c', '/nowhere')).toContain('no main.cf in "/nowhere"');
    expect(await host.refused(2, '', '--instance', 'out')).toContain('no Postfix instance "out"');
    expect(await host.refused(2, '', '--instance', '-', '-c', '/etc/postfix')).toContain('give one of them');
  });

  it("to replace restrictions of the host's own", async () => {
    const list = `check_sender_access texthash:/etc/postfix/senders, ${relayList}`;
    const stderr = await host.refused(3, `postconf -e 'smtpd_relay_restrictions = ${list}'`);
    expect(stderr).toContain(
      'nothing changed: smtpd_relay_restrictions of this host would lose\n    check_sender_access texthash:/etc/postfix/senders\n',
    );
    expect(stderr).toContain('postconf -n >base; certrelay init --base-main-cf base --yes');
  });

  it('a setting that master.cf would hide', async () => {
    const stderr = await host.refused(3, "postconf -P 'smtp/inet/relay_clientcerts=hash:/elsewhere'");
    expect(stderr).toContain('smtp/inet has -o relay_clientcerts=hash:/elsewhere');
  });

  it.each([
    [
      'its recipient list',
      "postconf -e 'smtpd_recipient_restrictions=permit_mynetworks reject_unauth_destination'",
      /broken +listed certificate.*reject_unauth_destination in smtpd_recipient_restrictions/s,
    ],
    [
      'an -o of the service',
      "postconf -P 'smtp/inet/smtpd_relay_restrictions=permit_mynetworks,reject'",
      /broken +listed certificate.*reject in smtpd_relay_restrictions/s,
    ],
    ['STARTTLS that it hides', 'postconf -e smtpd_discard_ehlo_keywords=starttls', /broken +listed certificate/],
    [
      'a table',
      "echo 'client.example.com REJECT no' >/etc/postfix/no; postconf -e 'smtpd_client_restrictions = check_client_access texthash:/etc/postfix/no'",
      /broken +listed certificate .*554 5\.7\.1/,
    ],
    ['networks that let everybody in', 'postconf -e mynetworks=0.0.0.0/0', /broken +.*permitted/],
  ])(
    'a host whose own settings would let the wrong ones relay or refuse the right ones: %s',
    async (_, prepare, message) => {
      const stderr = await host.refused(3, prepare);
      expect(stderr).toMatch(
        /^certrelay: nothing changed: with this host's own settings the wrong clients could relay/,
      );
      expect(stderr).toMatch(message);
    },
  );

  it('a folder with which a server that clients do not come to would no longer start', async () => {
    const names = ['--server', 'server.example.com', '--client', 'client.example.com', '--os', 'debian12'];
    const recipient = host.certrelay.init('recipient', ...names, '--policy', 'recipient');
    await host.prepare(`
      postconf -M 'submission/inet=submission inet n - y - - smtpd'
      postconf -P 'submission/inet/smtpd_recipient_restrictions=permit_sasl_authenticated'`);
    recipient.carry('server.example.com', host.machine);
    const { status, stdout, stderr } = await host.run('--json');
    expect(status).toBe(3);
    expect(stderr).toContain('verification of server.example.com, service "submission"');
    expect(JSON.parse(stdout)).toMatchObject({
      changed: false,
      errors: [{ code: 'proof-broken' }],
      verification: expect.arrayContaining([
        expect.objectContaining({ server: expect.stringContaining('"submission"') }),
      ]),
    });
  });

  it('a folder that is not what the ledger leads to', async () => {
    await host.prepare('');
    const map = host.setUp.path('server.example.com', 'relay_clientcerts');
    const text = readFileSync(map, 'utf8');
    const folder = host.setUp.path('server.example.com');
    expect((await host.runOn(folder, '--check', '--json')).stdout).toContain('"comparedWithLedger": true');
    appendFileSync(map, '11:22:33:44:55:66:77:88:99:00:AA:BB:CC:DD:EE:FF:11:22:33:44 attacker.example.com\n');
    const tampered = await host.runOn(folder, '--yes');
    expect([tampered.status, tampered.stdout]).toEqual([2, '']);
    expect(tampered.stderr).toContain('relay_clientcerts" is not what it was when it was made');
    seal(folder);
    const well = await host.runOn(folder, '--yes');
    writeFileSync(map, text);
    expect([well.status, well.stdout]).toEqual([2, '']);
    expect(well.stderr).toContain('relay_clientcerts" is not what inventory and ledger in ');
    // Carried to the host, the folder can still be compared where the state is at hand.
    await host.machine.script(
      'sed -i s/^smtpd_tls_loglevel.*/smtpd_tls_loglevel\\ =\\ 2/ /mnt/server.example.com/main.cf /mnt/server.example.com/install.sh',
    );
    expect((await host.run('--check')).stderr).toContain('is not what it was when it was made');
    await host.machine.script(listedAgain);
    expect((await host.run('--check')).status).toBe(6);
    const carried = await host.run('--check', '--out', host.setUp.out);
    expect([carried.status, carried.stderr]).toEqual([2, expect.stringContaining('is not what inventory and ledger')]);
  });
});
