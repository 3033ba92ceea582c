import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { OneHost } from '../../provision/render/install/one-host.ts';
import { relayList, serverView } from '../../provision/render/install/sample.ts';
import { Certrelay } from './lab/certrelay.ts';

const missing = needs('root', 'netns', 'debian-postfix', 'postfix', 'openssl', 'dash', 'busybox', 'bash');
const set = (name: string, value: string): string => `postconf -e '${name} = ${value}'`;

/** The same with other values of some parameters. */
function viewWith(values: Readonly<Record<string, string>>) {
  const kept = serverView().parameters.filter(({ name }) => !(name in values));
  const own = Object.entries(values).map(([name, value]) => ({ name, value, unlessSet: false }));
  return serverView({ parameters: [...kept, ...own] });
}

describe.skipIf(missing)('install.sh and the restrictions that only the host has', () => {
  let host: OneHost;

  beforeAll(async () => {
    host = await OneHost.start(serverView());
  });

  beforeEach(() => host.prepare(':'));
  afterAll(() => host?.stop());

  it.each([
    ['an access table', 'permit_mynetworks check_sender_access hash:/etc/postfix/senders defer_unauth_destination'],
    ['one behind a name', 'permit_mynetworks, $mine, reject_unauth_destination'],
    [
      'one in capital letters',
      'PERMIT_MYNETWORKS, CHECK_SENDER_ACCESS hash:/etc/postfix/senders, DEFER_UNAUTH_DESTINATION',
    ],
  ])('stops for %s, and names it', async (_, list) => {
    const { stderr } = await host.refused(
      3,
      `postconf -e 'mine = check_sender_access hash:/etc/postfix/senders'; ${set('smtpd_relay_restrictions', list)}`,
    );
    expect(stderr).toContain('nothing changed: smtpd_relay_restrictions of this host would lose\n');
    expect(stderr).toMatch(/^ {4}check_sender_access hash:\/etc\/postfix\/senders$/im);
    expect(stderr.match(/^ {4}\S.*$/gm)).toHaveLength(1);
    expect(stderr).toContain('postconf -n >base; certrelay init --base-main-cf base --yes');
  });

  it('names them all, blocks and what stands in braces too', async () => {
    const { stderr } = await host.refused(
      3,
      set(
        'smtpd_relay_restrictions',
        'check_client_access inline:{ {192.0.2.9 = reject} }, reject_rbl_client bl.example, permit_mynetworks, reject',
      ),
    );
    expect(stderr.match(/^ {4}\S.*$/gm)).toEqual([
      '    check_client_access inline:{ {192.0.2.9 = reject} }',
      '    reject_rbl_client bl.example',
      '    reject',
    ]);
  });

  it('stops where the list lets everyone pass to the next, which decides', async () => {
    const { stderr } = await host.refused(3, set('smtpd_relay_restrictions', 'permit'));
    expect(stderr.match(/^ {4}\S.*$/gm)).toEqual(['    permit']);
  });

  it.each([
    ["Debian's own list", ':'],
    [
      'a list in another order and case',
      set('smtpd_relay_restrictions', 'permit_sasl_authenticated, Permit_MyNetworks, Reject_Unauth_Destination'),
    ],
    ['a permit at the end', set('smtpd_relay_restrictions', 'permit_mynetworks, reject_unauth_destination, permit')],
    ['no list of its own', 'postconf -X smtpd_relay_restrictions'],
    [
      'a list in another parameter',
      set('smtpd_sender_restrictions', 'check_sender_access texthash:/etc/postfix/senders'),
    ],
    ['what it would have anyway', set('smtpd_relay_restrictions', relayList)],
  ])('does not stop for %s', async (_, prepare) => {
    await host.machine.script(prepare);
    expect(await host.kit.run('--dry-run')).toMatchObject({ status: 0, stderr: '' });
  });

  it.each([['dash'], ['busybox', 'sh'], ['bash', '--posix']])('reads it alike when run by %s', async (...shell) => {
    await host.machine.script(set('smtpd_relay_restrictions', `check_sender_access hash:/x, ${relayList}`));
    const { status, stderr } = await host.kit.runWith(shell);
    expect([status, stderr.match(/^ {4}\S.*$/gm)]).toEqual([3, ['    check_sender_access hash:/x']]);
  });

  it('follows a name where postconf cannot, before 2.10', async () => {
    host.kit.render(viewWith({ smtpd_recipient_restrictions: `reject_non_fqdn_recipient, ${relayList}` }));
    await host.machine.script(`
      postconf -e 'mine = reject_non_fqdn_recipient, reject_unlisted_recipient' \\
        'smtpd_recipient_restrictions = permit_mynetworks, $mine, reject_unauth_destination'
      sed -i "s/^version_from=.*/version_from='2.9'/" /mnt/kit/install.sh`);
    const noExpansion = 'case "$*" in *-x*) exit 1 ;; "-d -h mail_version") echo 2.9.6 ;; *) real "$@" ;; esac';
    host.kit.standIn('postconf', noExpansion);
    const { status, stderr } = await host.kit.run();
    expect([status, stderr.match(/^ {4}\S.*$/gm)]).toEqual([3, ['    reject_unlisted_recipient']]);
  });

  it('names the way out that keeps them', async () => {
    const own = 'check_sender_access texthash:/etc/postfix/senders, permit_mynetworks, defer_unauth_destination';
    await host.machine.script(`: >/etc/postfix/senders; ${set('smtpd_relay_restrictions', own)}`);
    const certrelay = new Certrelay();
    try {
      const names = ['--server', 'server.example.com', '--client', 'client.example.com'];
      const made = certrelay.init('out', ...names, '--os', 'debian12');
      const before = await made.install('server.example.com', host.machine);
      const options = /; certrelay init (.*)$/m.exec(before.stderr)?.[1]?.split(' ') ?? [];
      expect([before.status, options]).toEqual([3, ['--base-main-cf', 'base', '--yes']]);

      writeFileSync(join(certrelay.folder, 'base'), await host.machine.must('postconf', '-n'));
      const shown = certrelay.run('init', ...options, '--out', made.out);
      expect([shown.status, shown.stderr]).toEqual([0, expect.not.stringMatching(/error/i)]);
      expect(await made.install('server.example.com', host.machine)).toMatchObject({ status: 0, stderr: '' });
      expect(await host.value('smtpd_relay_restrictions')).toBe(
        own.replace('permit_mynetworks', 'permit_mynetworks, permit_tls_clientcerts'),
      );
      expect((await made.install('server.example.com', host.machine)).stdout).toMatch(/^nothing changed/);
    } finally {
      certrelay.remove();
    }
  });

  it('keeps them when the folder was made from the settings of the host', async () => {
    const own = `check_sender_access texthash:/etc/postfix/senders, ${relayList}`;
    await host.machine.script(`: >/etc/postfix/senders; ${set('smtpd_relay_restrictions', own)}`);
    host.kit.render(viewWith({ smtpd_relay_restrictions: own }));
    expect((await host.kit.run()).status).toBe(0);
    expect(await host.value('smtpd_relay_restrictions')).toBe(own);
    expect((await host.kit.run()).stdout).toMatch(/^nothing changed/);
  });

  it('may replace what an earlier folder brought, and stops for what the postmaster added since', async () => {
    host.kit.render(viewWith({ smtpd_relay_restrictions: `reject_non_fqdn_recipient, ${relayList}` }));
    expect((await host.kit.run()).status).toBe(0);
    host.kit.render(serverView());
    expect((await host.kit.run('--dry-run')).status).toBe(0);
    await host.machine.script(
      set('smtpd_relay_restrictions', `reject_non_fqdn_recipient, reject_unknown_sender_domain, ${relayList}`),
    );
    const { status, stderr } = await host.kit.run();
    expect(status).toBe(3);
    expect(stderr.match(/^ {4}\S.*$/gm)).toEqual(['    reject_unknown_sender_domain']);
  });

  it('looks at both lists where the recipient list carries the policy', async () => {
    const view = viewWith({ smtpd_relay_restrictions: '', smtpd_recipient_restrictions: relayList });
    host.kit.render(view);
    await host.machine.script(
      set('smtpd_recipient_restrictions', 'permit_mynetworks, reject_unlisted_recipient, reject_unauth_destination'),
    );
    const inRecipients = await host.refusedNow(3);
    expect(inRecipients.stderr).toContain('smtpd_recipient_restrictions of this host would lose');
    expect(inRecipients.stderr).toContain('    reject_unlisted_recipient\n');

    await host.prepare(
      set('smtpd_relay_restrictions', 'reject_unlisted_recipient, permit_mynetworks, reject_unauth_destination'),
    );
    host.kit.render(view);
    expect((await host.refusedNow(3)).stderr).toContain('certrelay init --policy relay --base-main-cf base --yes');

    await host.prepare(':');
    host.kit.render(view);
    expect((await host.kit.run()).status).toBe(0);
    expect((await host.kit.run()).stdout).toMatch(/^nothing changed/);
  });
});
