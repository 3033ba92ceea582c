import { describe, expect, it } from 'vitest';
import { decideResolving } from '../../../src/diagnose/evidence/resolve.ts';
import { compile, configure, conversation, decide, simulator } from '../../../src/policy/policy.ts';

const mainCf = {
  mydestination: 'localhost',
  local_recipient_maps: '',
  mynetworks: '127.0.0.0/8',
  compatibility_level: '2',
  smtpd_helo_restrictions: 'reject_unknown_helo_hostname',
  smtpd_relay_restrictions: 'permit',
  smtpd_recipient_restrictions:
    'reject_unknown_sender_domain, reject_unknown_recipient_domain, reject_unauth_destination',
};
const session = { client: { address: '192.0.2.1' }, helo: 'mx.a.test', mailFrom: 'a@a.test', rcptTo: ['b@b.test'] };
const world = { 'mx.a.test/A': ['192.0.2.1'], 'a.test/MX': ['10 mx.a.test'], 'b.test/A': ['192.0.2.2'] };

function lastReply(dns: Readonly<Record<string, unknown>> | undefined, postfix = '3.7', settings = {}) {
  const answer = decide({
    postfix,
    mainCf: { ...mainCf, smtpd_relay_restrictions: 'reject_unauth_destination', ...settings },
    session: { ...session, rcptTo: ['b@b.test'] },
    ...(dns === undefined ? {} : { dns }),
  });
  if ('error' in answer) throw new Error(answer.error.message);
  const reply = answer.replies.at(-1);
  return answer.verdict === 'unknown' ? answer.missing : `${reply?.code} ${reply?.enhanced} ${reply?.text ?? ''}`;
}

describe('names that DNS does not know', () => {
  it.each([
    ['the helo name', { 'mx.a.test/A': 'NXDOMAIN' }, '450 4.7.1 <mx.a.test>: Helo command rejected: Host not found'],
    ['the sender', { 'a.test/MX': 'NODATA' }, '450 4.1.8 <a@a.test>: Sender address rejected: Domain not found'],
    ['the recipient', { 'b.test/A': 'NXDOMAIN' }, '450 4.1.2 <b@b.test>: Recipient address rejected: Domain not found'],
    [
      'a sender that takes no mail',
      { 'a.test/MX': ['0 .'] },
      '550 5.7.27 <a@a.test>: Sender address rejected: Domain a.test does not accept mail (nullMX)',
    ],
    [
      'a recipient that takes no mail',
      { 'b.test/MX': ['0 .'] },
      '556 5.1.10 <b@b.test>: Recipient address rejected: Domain b.test does not accept mail (nullMX)',
    ],
  ])('%s', (_, changes, reply) => {
    expect(
      lastReply({ ...world, ...changes }, '3.7', { smtpd_recipient_restrictions: mainCf.smtpd_recipient_restrictions }),
    ).toBe(reply);
  });

  it('a temporary error defers only what would be permitted', () => {
    expect(lastReply({ ...world, 'a.test/MX': 'SERVFAIL' })).toBe('554 5.7.1 <b@b.test>: Relay access denied');
    expect(lastReply({ ...world, 'a.test/MX': 'SERVFAIL' }, '3.7', { relay_domains: 'b.test' })).toBe(
      '450 4.1.8 <a@a.test>: Sender address rejected: Domain not found',
    );
  });

  it('without DNS the questions are open, as far as they decide', () => {
    expect(lastReply(undefined)).toEqual([
      'dns mx.a.test/MX, A, AAAA',
      'dns a.test/MX, A, AAAA',
      'dns b.test/MX, A, AAAA',
    ]);
  });
});

describe('DNS lists', () => {
  const settings = (list: string) => ({
    smtpd_helo_restrictions: '',
    smtpd_recipient_restrictions: `${list}, reject_unauth_destination`,
    relay_domains: 'b.test',
  });
  const listed = {
    '1.2.0.192.zen.test/A': ['127.0.0.4'],
    '1.2.0.192.zen.test/TXT': ['see zen.test'],
    'a.test.rhs.test/A': ['127.0.0.2'],
  };

  it.each([
    [
      'reject_rbl_client zen.test',
      '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.test; see zen.test',
    ],
    [
      'reject_rbl_client zen.test=127.0.0.[2;4..6]',
      '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.test; see zen.test',
    ],
    ['reject_rbl_client zen.test=127.0.0.2', '250 2.1.5 '],
    ['reject_rhsbl_sender rhs.test', '554 5.7.1 Service unavailable; Sender address [a@a.test] blocked using rhs.test'],
    ['reject_rhsbl_client rhs.test', '250 2.1.5 '],
    ['permit_dnswl_client zen.test, reject', '250 2.1.5 '],
    ['permit_dnswl_client other.test, reject', '554 5.7.1 <b@b.test>: Recipient address rejected: Access denied'],
  ])('%s', (list, reply) => {
    expect(lastReply(listed, '3.7', settings(list))).toBe(reply);
  });

  it('a list that does not answer refuses nobody, and an allow list turns a refusal into a deferral', () => {
    const silent = { '1.2.0.192.zen.test/A': 'SERVFAIL' };
    expect(lastReply(silent, '3.7', settings('reject_rbl_client zen.test'))).toBe('250 2.1.5 ');
    expect(lastReply(silent, '3.7', settings('permit_dnswl_client zen.test, reject'))).toBe(
      '450 4.7.1 <192.0.2.1>: Client host rejected: Service unavailable',
    );
  });

  it('an allow list opens no relay', () => {
    expect(lastReply(listed, '3.7', { ...settings('permit_dnswl_client zen.test'), relay_domains: '' })).toBe(
      '554 5.7.1 <b@b.test>: Relay access denied',
    );
  });

  it('without DNS the list is an open question', () => {
    expect(lastReply(undefined, '3.7', settings('reject_rbl_client zen.test'))).toEqual([
      'dns 1.2.0.192.zen.test/A, TXT',
    ]);
  });
});

describe('--resolve', () => {
  it('looks up what is missing, and nothing else', async () => {
    const asked: string[] = [];
    const config = configure({
      version: '3.7',
      mainCf: { ...mainCf, relay_domains: 'b.test', smtpd_relay_restrictions: 'reject_unauth_destination' },
    });
    const verdict = await decideResolving(simulator(compile(config)), conversation(session), async (name, type) => {
      asked.push(`${name}/${type}`);
      return (world as Readonly<Record<string, readonly string[]>>)[`${name}/${type}`] ?? 'NODATA';
    });
    expect(verdict.verdict).toBe('permit');
    expect([...new Set(asked.map((key) => key.split('/')[0]))].sort()).toEqual(['a.test', 'b.test', 'mx.a.test']);
  });

  it('ends when a name cannot be looked up', async () => {
    const config = configure({ version: '3.7', mainCf });
    const verdict = await decideResolving(simulator(compile(config)), conversation(session), async () => 'SERVFAIL');
    expect(verdict.verdict).toBe('reject');
  });
});
