import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { OneHost } from '../../provision/render/install/one-host.ts';
import { clientView, installDir, relayList, serverView } from '../../provision/render/install/sample.ts';
import type { Kit } from './lab/kit.ts';
import type { Machine, Ran } from './lab/machine.ts';

const missing = needs('root', 'netns', 'debian-postfix', 'postfix', 'openssl', 'setpriv');

/** One host that is set back before every case; each case has to leave it as it was. */
describe.skipIf(missing)('install.sh refuses', () => {
  let host: OneHost;
  let machine: Machine;
  let kit: Kit;

  beforeAll(async () => {
    host = await OneHost.start(serverView());
    ({ machine, kit } = host);
  });

  afterAll(() => host?.stop());

  const refused = (status: number, prepare: string, ...args: readonly string[]): Promise<Ran> =>
    host.refused(status, prepare, ...args);

  it('a Postfix that it was not made for, with the command that makes it for that one', async () => {
    kit.render(serverView({ versions: { from: '2.10', to: '3.4', last: '3.3', text: '2.10 to 3.3' } }));
    const { stdout, stderr, status } = await kit.run();
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('this was made for Postfix 2.10 to 3.3, and this host has 3.7');
    expect(stderr).toContain('certrelay init --postfix 3.7 --yes');
    kit.render(clientView({ versions: { from: '3.8', to: '3.12', last: '3.11', text: '3.8 to 3.11' } }));
    const client = await kit.run('--host', 'client.example.com');
    expect(client.stderr).toContain('certrelay init --client-postfix 3.7 --yes');
  });

  it('a user who is not root', async () => {
    const { status, stderr } = await machine.run(['setpriv', '--reuid', '65534', 'sh', '/mnt/kit/install.sh']);
    expect([status, stderr]).toEqual([2, expect.stringContaining('only root can install this')]);
  });

  it('an option it does not know, and -c without a directory', async () => {
    expect((await refused(2, '', '--force')).stderr).toContain('unknown option "--force"');
    expect((await refused(2, '', '-c')).stderr).toContain('"-c" needs a directory');
    expect((await refused(2, '', '-c', '/nowhere')).stderr).toContain('no main.cf in "/nowhere"');
  });

  it('a folder that lacks a file', async () => {
    const { stderr } = await refused(2, 'rm /mnt/kit/cacert.pem');
    expect(stderr).toContain('"cacert.pem" is missing in /mnt/kit');
  });

  it('a key of another certificate', async () => {
    const { stderr } = await refused(2, 'openssl genpkey -algorithm ed25519 -out /mnt/kit/server.example.com.key');
    expect(stderr).toContain('"server.example.com.key" is not the key of "server.example.com.crt"');
  });

  it('a table type that this Postfix lacks', async () => {
    const { stderr } = await refused(2, 'postconf -e default_database_type=nosuch');
    expect(stderr).toContain('this Postfix has no lookup tables of type "nosuch"');
    expect(stderr).toContain('certrelay init --table-type TYPE --yes');
  });

  const relayHides = "postconf -P 'smtp/inet/smtpd_relay_restrictions=permit_mynetworks,reject'";
  it.each([
    ['its recipient list', "postconf -e 'smtpd_recipient_restrictions=permit_mynetworks reject_unauth_destination'"],
    ['a list in any case', "postconf -e 'smtpd_recipient_restrictions=Reject_Unauth_Destination'"],
    ['its client list', "postconf -e 'smtpd_client_restrictions=permit_mynetworks, reject'"],
    ['a restriction class', "postconf -e smtpd_restriction_classes=mine mine=defer 'smtpd_sender_restrictions=mine'"],
    ['a list in a list', "postconf -e 'mine=permit_mynetworks, reject' 'smtpd_helo_restrictions=$mine'"],
    ['an -o of the service', relayHides],
    ['a deferral to come', "postconf -e 'smtpd_sender_restrictions=defer_if_permit'"],
    ['what follows a warning', "postconf -e 'smtpd_recipient_restrictions=warn_if_reject reject, reject'"],
    ['a permit that comes too late', "postconf -e 'smtpd_recipient_restrictions=reject, permit_tls_clientcerts'"],
    [
      'a service behind postscreen',
      `postconf -M 'smtp/inet=smtp inet n - y - 1 postscreen' 'smtpd/pass=smtpd pass - - y - - smtpd'
      postconf -P 'smtpd/pass/smtpd_relay_restrictions=permit_mynetworks,reject'`,
    ],
  ])('a host whose clients would still be refused by %s', async (_, prepare) => {
    const { stderr } = await refused(3, prepare);
    expect(stderr).toMatch(/^install\.sh: nothing changed: this host would still refuse its clients\n/m);
    expect(stderr).toContain('permit_tls_clientcerts, ');
  });

  it.each([
    ['a permit before it', "postconf -e 'smtpd_recipient_restrictions=permit_tls_clientcerts, reject'"],
    ['a permit in a class', "postconf -e 'mine=permit_tls_clientcerts' 'smtpd_sender_restrictions=$mine, reject'"],
    ['a warning only', "postconf -e 'smtpd_recipient_restrictions=warn_if_reject reject_unauth_destination'"],
    [
      'an argument of that name',
      "postconf -e 'smtpd_client_restrictions=check_client_access { inline:{ {a = reject} } }'",
    ],
    [
      'a service on another port',
      "postconf -M 'submission/inet=submission inet n - y - - smtpd -o smtpd_relay_restrictions=reject'",
    ],
  ])('not a host with %s', async (_, prepare) => {
    await host.prepare(prepare);
    expect(await kit.run('--dry-run')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^would change/) });
  });

  it('the line it names is the one that helps', async () => {
    const { stderr } = await refused(
      3,
      "postconf -e 'smtpd_recipient_restrictions=check_client_access texthash:/x, reject'",
    );
    const command = /^ {2}(postconf -c .* -e .*)$/m.exec(stderr)?.[1] ?? 'false';
    await machine.script(command);
    expect((await machine.must('postconf', '-h', 'smtpd_recipient_restrictions')).trim()).toBe(
      'check_client_access texthash:/x, permit_tls_clientcerts, reject',
    );
    expect((await kit.run('--dry-run')).status).toBe(0);
    const quotes = "check_client_access inline:{ {192.0.2.9 = reject it's you} }";
    const quoting = await refused(3, `postconf -e "smtpd_recipient_restrictions=${quotes}, reject"`);
    await machine.script(/^ {2}(postconf -c .* -e .*)$/m.exec(quoting.stderr)?.[1] ?? 'false');
    expect(await host.value('smtpd_recipient_restrictions')).toBe(`${quotes}, permit_tls_clientcerts, reject`);
    expect((await kit.run('--dry-run')).status).toBe(0);
    const inMaster = await refused(3, relayHides);
    await machine.script(/^ {2}(postconf -c .* -P .*)$/m.exec(inMaster.stderr)?.[1] ?? 'false');
    expect((await kit.run('--dry-run')).status).toBe(0);
  });

  it('to give back a list that an earlier folder had replaced, where that would refuse the clients', async () => {
    const own = 'permit_mynetworks, reject_unauth_destination';
    await host.prepare(`postconf -e 'smtpd_recipient_restrictions = ${own}'`);
    const inserted = { name: 'smtpd_recipient_restrictions', value: relayList, unlessSet: false };
    kit.render(serverView({ parameters: [...serverView().parameters, inserted] }));
    expect((await kit.run()).status).toBe(0);
    kit.render(serverView());
    const { stderr } = await host.refusedNow(3);
    expect(stderr).toContain(`  main.cf: smtpd_recipient_restrictions = ${own}\n`);
    await machine.script(/^ {2}(postconf -c .* -e .*)$/m.exec(stderr)?.[1] ?? 'false');
    expect((await kit.run()).status).toBe(0);
    expect(await host.value('smtpd_recipient_restrictions')).toBe(
      'permit_mynetworks, permit_tls_clientcerts, reject_unauth_destination',
    );
  });

  it('nothing, but warns, where the clients cannot come in', async () => {
    await machine.script(`find /etc/postfix -mindepth 1 -delete; cp -a /mnt/stock/. /etc/postfix
      postconf -e inet_interfaces=loopback-only`);
    kit.render(serverView({ relayPort: '587' }));
    const { status, stderr } = await kit.run('--dry-run');
    expect(status).toBe(0);
    expect(stderr).toContain('warning: no smtpd in /etc/postfix/master.cf listens on port 587');
    expect(stderr).toContain('warning: inet_interfaces lets nobody in from other hosts');
  });

  it('a host whose master.cf hides a setting', async () => {
    const { stderr } = await refused(3, "postconf -P 'smtp/inet/relay_clientcerts=hash:/elsewhere'");
    expect(stderr).toContain('smtp/inet has -o relay_clientcerts=hash:/elsewhere');
    expect(stderr).toContain(`"$default_database_type:${installDir}/relay_clientcerts" is needed`);
    expect((await refused(3, "postconf -P 'smtp/inet/smtpd_tls_security_level=none'")).stderr).toContain('=none');
  });

  it('the same on a Postfix without postconf -P, before 2.11', async () => {
    const { stderr } = await refused(
      3,
      `${relayHides}
      cat >/mnt/stand-ins/postconf <<'END'
#!/bin/sh
case "$*" in
  *-P*) exit 1 ;;
  '-d -h mail_version') echo 2.10.1 ;;
  *) exec /usr/sbin/postconf "$@" ;;
esac
END
      chmod +x /mnt/stand-ins/postconf
      sed -i "s/^version_from=.*/version_from='2.10'/" /mnt/kit/install.sh`,
    );
    expect(stderr).toContain('master.cf, smtp/inet: -o smtpd_relay_restrictions=permit_mynetworks,reject');
    expect(stderr).not.toContain('postconf -c');
  });
});
