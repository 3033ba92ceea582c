import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { OneHost } from '../../provision/render/install/one-host.ts';
import { relayList, serverView } from '../../provision/render/install/sample.ts';

const missing = needs('root', 'netns', 'debian-postfix', 'postfix', 'openssl', 'bash');
const option = (name: string, value: string, service = 'smtp/inet'): string =>
  `postconf -P '${service}/${name}=${value}'`;
const relay = (value: string, service?: string): string => option('smtpd_relay_restrictions', value, service);
const submission = "postconf -M 'submission/inet=submission inet n - y - - smtpd'";

describe.skipIf(missing)('install.sh and a server that would be open, dead, or silent about TLS', () => {
  let host: OneHost;

  beforeAll(async () => {
    host = await OneHost.start(serverView());
  });

  beforeEach(() => host.prepare(':'));
  afterAll(() => host?.stop());

  it.each([
    ['a list that ends in permit', relay('permit_mynetworks,permit')],
    ['a list that has a permit before its refusal', relay('permit_tls_clientcerts,PERMIT,reject')],
    ['a list without a refusal', relay('permit_mynetworks,permit_tls_clientcerts')],
    ['a refusal that only warns', relay('permit_tls_clientcerts,warn_if_reject,reject')],
    ['an empty list', relay('')],
    [
      'a class that permits',
      `postconf -e smtpd_restriction_classes=mine mine=permit; ${relay('mine,reject_unauth_destination')}`,
    ],
    ['a list behind a name', `postconf -e 'mine=permit_mynetworks, permit'; ${relay('$mine,reject')}`],
  ])('stops for %s in master.cf', async (_, prepare) => {
    const { stderr } = await host.refused(3, prepare);
    expect(stderr).toContain('nothing changed: smtp/inet would relay for everyone, or its server would not start\n');
    expect(stderr).toContain('  master.cf, smtp/inet: -o smtpd_relay_restrictions=');
    expect(stderr).toMatch(/^hint: .*reject_unauth_destination/m);
  });

  it('stops for lists with which the SMTP server of this Postfix does die', async () => {
    await host.refused(3, relay('permit_tls_clientcerts,permit'));
    await host.postfix.start();
    try {
      await host.machine.run(['bash', '-c', 'exec 3<>/dev/tcp/127.0.0.1/25; timeout 2 head -1 <&3']);
      await host.postfix.logged(/smtpd.*fatal: in parameter smtpd_relay_restrictions or smtpd_recipient_restrictions/);
    } finally {
      await host.machine.must('postfix', 'stop');
    }
  });

  it.each([
    [
      'a service whose recipient list refuses',
      `${relay('permit')}; ${option('smtpd_recipient_restrictions', 'permit_tls_clientcerts,reject')}`,
    ],
    ['a refusal before the permit', relay('permit_tls_clientcerts,reject_unauth_destination,permit')],
    ['another service that was open before', `${submission}; ${relay('permit', 'submission/inet')}`],
  ])('does not stop for %s', async (_, prepare) => {
    await host.machine.script(prepare);
    expect(await host.kit.run('--dry-run')).toMatchObject({ status: 0, stderr: '' });
  });

  it('stops where it would open a service that clients do not come to', async () => {
    const parameters = serverView().parameters.map((each) =>
      each.name === 'smtpd_relay_restrictions' ? { ...each, value: '' } : each,
    );
    const carried = { name: 'smtpd_recipient_restrictions', value: relayList, unlessSet: false };
    host.kit.render(serverView({ parameters: [...parameters, carried] }));
    await host.machine.script(
      `${submission}; ${option('smtpd_recipient_restrictions', 'permit_sasl_authenticated', 'submission/inet')}`,
    );
    const { stderr } = await host.refusedNow(3);
    expect(stderr).toContain(
      'nothing changed: submission/inet would relay for everyone, or its server would not start',
    );
  });

  it.each([
    ['main.cf', "postconf -e 'smtpd_discard_ehlo_keywords=silent-discard, STARTTLS'", 'main.cf: smtpd_discard'],
    [
      'main.cf, behind a name',
      "postconf -e 'mine=starttls' 'smtpd_discard_ehlo_keywords=$mine'",
      'main.cf: smtpd_discard',
    ],
    ['master.cf', option('smtpd_discard_ehlo_keywords', 'dsn,starttls'), 'master.cf, smtp/inet: -o smtpd_discard'],
  ])('stops where %s hides STARTTLS', async (_, prepare, place) => {
    const { stderr } = await host.refused(3, prepare);
    expect(stderr).toContain('nothing changed: this host hides STARTTLS');
    expect(stderr).toContain(`  ${place}_ehlo_keywords`);
    expect(stderr).toMatch(/^hint: take "starttls" out of /m);
  });

  it.each([
    ['another word is hidden', "postconf -e 'smtpd_discard_ehlo_keywords=chunking, silent-discard'"],
    [
      'the service has words of its own',
      `postconf -e smtpd_discard_ehlo_keywords=starttls; ${option('smtpd_discard_ehlo_keywords', 'dsn')}`,
    ],
    [
      'TLS comes before SMTP',
      `postconf -e smtpd_discard_ehlo_keywords=starttls; ${option('smtpd_tls_wrappermode', 'yes')}`,
    ],
  ])('does not stop where %s', async (_, prepare) => {
    await host.machine.script(prepare);
    expect((await host.kit.run('--dry-run')).status).toBe(0);
  });

  it('stops for a service without TLS, however that is said', async () => {
    for (const level of ['none', '']) {
      const { stderr } = await host.refused(3, option('smtpd_tls_security_level', level));
      expect(stderr).toContain(`master.cf hides a setting: smtp/inet has -o smtpd_tls_security_level=${level}`);
    }
  });
});
