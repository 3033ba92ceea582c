import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { client, LivingHost, livingHostNeeds, server } from './lab/living-host.ts';

const missing = needs(...livingHostNeeds);

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
        '  certrelay init --dedicated-port 2525 --yes',
        '    then install the server and its clients again; the other routes stay as they are',
        '  WAY --all-routes',
        '',
      ].join('\n'),
    );
    expect(await host.refused('--yes', '--replace-certificate')).toContain('--all-routes');
    await host.taken('--all-routes');
  });

  it('keeps them by the command that is offered, and senders by the next', async () => {
    host.carryAsOffered(await host.refused(), '--dedicated-port', 'apart');
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
