import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/policy/policy.ts';

const base = {
  mydestination: 'localhost',
  local_recipient_maps: '',
  mynetworks: '127.0.0.0/8',
  inet_interfaces: '127.0.0.1',
  compatibility_level: '3.6',
  smtpd_relay_restrictions: '',
};
const session = {
  client: { address: '192.0.2.1', name: 'c.test' },
  helo: 'c.test',
  mailFrom: 's@a.test',
  rcptTo: ['b@localhost'],
};

function answer(restrictions: string, world: Readonly<Record<string, unknown>> = {}, settings = {}, said = {}) {
  const decided = decide({
    postfix: '3.7',
    mainCf: { ...base, smtpd_recipient_restrictions: `${restrictions}, reject_unauth_destination`, ...settings },
    tables: world.tables ?? {},
    session: { ...session, ...said },
    ...world,
  });
  if ('error' in decided) throw new Error(decided.error.message);
  const { code, enhanced, text } = decided.replies.at(-1) ?? {};
  return decided.verdict === 'unknown' ? decided.missing : [code, enhanced, text].filter(Boolean).join(' ');
}

const table = { tables: { '/t': 'mx.bad.test REJECT bad server\n192.0.2.66 REJECT bad address\n' } };

describe('what was not given is named', () => {
  it.each([
    ['check_sender_mx_access hash:/t', table, ['dns a.test/MX']],
    ['check_sender_ns_access hash:/t', table, ['dns a.test/NS']],
    ['check_sender_a_access hash:/t', table, ['dns a.test/A, AAAA']],
    ['reject_unverified_recipient', {}, ['verify b@localhost']],
    ['reject_unverified_sender', {}, ['verify s@a.test']],
    ['check_policy_service inet:127.0.0.1:10023', {}, ['policy inet:127.0.0.1:10023 for RCPT b@localhost']],
    ['check_recipient_access ldap:/etc/ldap.cf', {}, ['table ldap:/etc/ldap.cf for recipient "b@localhost"']],
    ['reject_rbl_client list.test', {}, ['dns 1.2.0.192.list.test/A, TXT']],
  ])('%s', (restrictions, world, missing) => {
    expect(answer(restrictions, world)).toEqual(missing);
  });

  it('a backup mail server', () => {
    expect(answer('permit_mx_backup', {}, {}, { rcptTo: ['b@far.test'] })).toEqual(['dns far.test/MX']);
  });

  it('one name for two tables that want the same record', () => {
    const tables = { '/t': 'mx.bad.test REJECT one\n', '/u': 'mx.bad.test REJECT two\n' };
    expect(answer('check_sender_mx_access hash:/t, check_sender_mx_access hash:/u', { tables })).toEqual([
      'dns a.test/MX',
    ]);
  });

  it('the next record, once the first was given', () => {
    const dns = { 'a.test/MX': ['10 mx.a.test'] };
    expect(answer('check_sender_mx_access hash:/t', { ...table, dns: { ...dns, 'mx.a.test/A': ['192.0.2.66'] } })).toBe(
      '554 5.7.1 <s@a.test>: Sender address rejected: bad address',
    );
    expect(answer('check_sender_mx_access hash:/t', { ...table, dns })).toBe('250 2.1.5');
  });
});

describe('what does not matter is not asked for', () => {
  it.each([
    ['a table without entries', 'check_sender_mx_access hash:/t', { tables: { '/t': 'x DUNNO\n' } }, '250 2.1.5'],
    ['a service behind a refusal', 'reject, check_policy_service inet:127.0.0.1:1', {}, expect.stringMatching(/^554/)],
  ])('%s', (_, restrictions, world, reply) => {
    expect(answer(restrictions, world)).toEqual(reply);
  });
});

describe('databases', () => {
  it.each(['ldap', 'mysql', 'pgsql', 'sqlite', 'memcache', 'nis'])('%s: content given under its full name', (type) => {
    const tables = { [`${type}:/etc/db.cf`]: 'b@localhost REJECT from the database\n' };
    expect(answer(`check_recipient_access ${type}:/etc/db.cf`, { tables })).toBe(
      '554 5.7.1 <b@localhost>: Recipient address rejected: from the database',
    );
    expect(answer(`check_recipient_access ${type}:/etc/db.cf`, { tables }, {}, { rcptTo: ['c@localhost'] })).toBe(
      '250 2.1.5',
    );
  });

  it('a server of its own protocol gets whole keys only', () => {
    const tables = { 'socketmap:inet:h:1:m': 'localhost REJECT domain\n' };
    expect(answer('check_recipient_access socketmap:inet:h:1:m', { tables })).toBe('250 2.1.5');
  });

  it('its settings are not its content', () => {
    const tables = { '/etc/ldap.cf': 'b@localhost REJECT\n' };
    expect(answer('check_recipient_access ldap:/etc/ldap.cf', { tables })).toEqual([
      'table ldap:/etc/ldap.cf for recipient "b@localhost"',
    ]);
  });
});

describe('a world that cannot be read', () => {
  it.each([
    [{ policy: { '10023': 'DUNNO' } }, '"10023" is not a policy service'],
    [{ policy: { 'inet:h:1': 5 } }, '"policy["inet:h:1"]" is a number, not a text'],
    [{ verify: { 'a@b': 'perhaps' } }, '"perhaps" is not a verification status'],
    [{ verify: [] }, '"verify" is a list, not an object'],
  ])('%j', (world, message) => {
    expect(() => answer('permit', world)).toThrow(message);
  });
});
