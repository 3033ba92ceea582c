import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { workplace } from '../../setup/workplace.ts';

const shell = workplace();
const { at } = shell;

/** init over a base of these lines, at a compatibility level where no default is open. */
async function over(lines: readonly string[], ...more: readonly string[]) {
  rmSync(at('out'), { recursive: true, force: true });
  writeFileSync(at('base'), `compatibility_level = 3.7\n${lines.join('\n')}\n`);
  const hosts = ['--server', 'server.example.com', '--client', 'client.example.com', '--postfix', '3.7', '--yes'];
  const done = await shell.certrelay('init', ...hosts, '--base-main-cf', 'base', '--out', 'out', ...more);
  const broken = [...done.stdout.matchAll(/^ {2}broken +(\S.*?)(?: \(\d+\))? {2,}/gm)].map(([, row]) => row);
  return { ...done, broken, written: existsSync(at('out')) };
}

const standard = 'permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination';

describe('a set-up with which the wrong clients could relay is not written', () => {
  it.each([
    ['half of IPv4', ['mynetworks = 0.0.0.0/1'], 'networks too wide to be your own'],
    ['all of IPv6', ['mynetworks = 127.0.0.0/8 [::]/0'], 'networks too wide to be your own'],
    [
      'a table with half of IPv4',
      [`smtpd_relay_restrictions = check_client_access inline:{5=OK}, ${standard}`],
      'plain text from all over the Internet',
    ],
    [
      "a client's sender address",
      [`smtpd_relay_restrictions = check_sender_access inline:{client.example.com=OK}, ${standard}`],
      'plain text',
    ],
    [
      "a client's HELO name",
      [`smtpd_relay_restrictions = check_helo_access inline:{client.example.com=OK}, ${standard}`],
      'plain text',
    ],
    [
      'any certificate of the authority',
      [`smtpd_relay_restrictions = permit_tls_all_clientcerts, ${standard}`],
      "stranger's certificate, same authority",
    ],
    [
      'everybody who uses TLS',
      [`smtpd_relay_restrictions = check_sender_access static:permit, ${standard}`],
      'TLS without a certificate',
    ],
  ])('%s', async (_what, lines, row) => {
    const done = await over(lines);
    expect([done.status, done.written], done.stdout).toEqual([3, false]);
    expect(done.broken).toContain(row);
    expect(done.stdout).toMatch(/^refused, nothing written: /);
  });

  it('nor is one in which the right ones could not', async () => {
    for (const [list, reply] of [
      ['smtpd_data_restrictions = permit_mynetworks, reject', '554 5.7.1 <DATA>: Data command rejected: Access denied'],
      [
        'smtpd_end_of_data_restrictions = permit_mynetworks, reject',
        '554 5.7.1 <END-OF-MESSAGE>: End-of-data rejected: Access denied',
      ],
      ['smtpd_client_restrictions = permit_mynetworks, reject', 'Client host rejected: Access denied'],
    ] as const) {
      const done = await over([list]);
      expect([done.status, done.written], done.stdout).toEqual([3, false]);
      expect(done.broken).toContain('listed certificate');
      expect(done.stdout).toContain(reply);
      expect(done.stdout).toContain('the given main.cf:2');
    }
  });

  it('nor one that shuts out this very host', async () => {
    const done = await over([], '--mynetworks', '10.0.0.0/8');
    expect([done.status, done.written, done.broken]).toEqual([3, false, ['this host itself (127.0.0.1)']]);
  });

  it('what cannot be decided is not written either, and says what it needs', async () => {
    const done = await over([`smtpd_relay_restrictions = check_client_access ldap:/etc/postfix/ldap.cf, ${standard}`]);
    expect([done.status, done.written], done.stdout).toEqual([4, false]);
    expect(done.stdout).toMatch(/^not proved, nothing written: /);
    expect(done.stdout).toContain('open: table ldap:/etc/postfix/ldap.cf');
  });
});

describe('an ordinary server is taken as it is', () => {
  it.each([
    [
      'a rejection where certrelay would defer',
      ['smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination'],
    ],
    ['only a rejection', ['smtpd_relay_restrictions = reject_unauth_destination']],
    [
      'checks that need DNS',
      [`smtpd_recipient_restrictions = ${standard}, reject_rbl_client list.example, reject_unknown_sender_domain`],
    ],
    ['a policy service', [`smtpd_recipient_restrictions = ${standard}, check_policy_service inet:127.0.0.1:10023`]],
    ['destinations of its own', ['mydestination = outside.example, localhost', 'relay_domains = elsewhere.test']],
    ['networks of its own', ['mynetworks = 127.0.0.0/8 10.0.0.0/8 [2001:db8:1::]/48']],
  ])('%s', async (_what, lines) => {
    const done = await over(lines);
    expect([done.status, done.written], done.stdout).toEqual([0, true]);
  });

  it('keeps its certificate', async () => {
    await shell.certrelay('init', '--server', 's.example.com', '--client', 'c.example.com', '--yes', '--out', 'other');
    const done = await over([], '--server-cert', 'keep', '--server-ca', 'other/ca/cacert.pem');
    expect([done.status, done.written], done.stdout).toEqual([0, true]);
    expect(existsSync(at('out/hosts/server.example.com/server.example.com.key'))).toBe(false);
    expect(existsSync(at('out/hosts/client.example.com/server-ca.pem'))).toBe(true);
  });
});
