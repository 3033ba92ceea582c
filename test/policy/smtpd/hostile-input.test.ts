import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/policy/policy.ts';

const plain = {
  postfix: '3.7',
  mainCf: {
    myhostname: 'mx.example.com',
    mydestination: 'localhost, $myhostname',
    local_recipient_maps: '',
    mynetworks: '127.0.0.0/8',
    compatibility_level: '3.6',
    smtpd_relay_restrictions: 'permit_mynetworks, reject_unauth_destination',
  },
  tables: {},
  session: {
    client: { address: '192.0.2.1', name: 'client.example.com' },
    helo: 'x',
    mailFrom: 'a@b.test',
    rcptTo: ['c@d.test'],
    data: true,
  },
};

/** Any text, addresses and list words more often than noise. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        '@',
        '%',
        '!',
        '"',
        '[',
        ']',
        '(',
        ')',
        '<',
        '>',
        ':',
        ',',
        '.',
        ' ',
        '\\',
        'a',
        'localhost',
        'IPv6:::1',
        '127.0.0.1',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
);
const words = fc
  .array(
    fc.constantFrom(
      'permit',
      'reject',
      'warn_if_reject',
      'check_client_access',
      'hash:/t',
      'static:reject',
      'inline:{a=b}',
      '{',
      '}',
      'loop',
      'defer_if_permit',
      'sleep',
      ',',
      'check_ccert_access',
      'reject_rbl_client',
      'check_policy_service',
    ),
    { maxLength: 10 },
  )
  .map((parts) => parts.join(' '));

describe('scenarios that make no sense', () => {
  it('any value in place of any field is answered, never thrown', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('postfix', 'mainCf', 'masterCf', 'service', 'tables', 'dns', 'session', 'id'),
        fc.jsonValue(),
        (field, value) => {
          const answer = decide({ ...plain, [field]: value });
          expect('error' in answer ? answer.error.code : answer.verdict).not.toBe('internal');
        },
      ),
      { numRuns: 400 },
    );
  });

  it('so is any value in place of any field of the session', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('client', 'helo', 'protocol', 'tls', 'sasl', 'mailFrom', 'rcptTo', 'data'),
        fc.jsonValue(),
        (field, value) => {
          const answer = decide({ ...plain, session: { ...plain.session, [field]: value } });
          expect('error' in answer ? answer.error.code : answer.verdict).not.toBe('internal');
        },
      ),
      { numRuns: 400 },
    );
  });

  it('any address gets a reply or is named', () => {
    fc.assert(
      fc.property(text, text, text, (helo, mailFrom, recipient) => {
        const answer = decide({ ...plain, session: { ...plain.session, helo, mailFrom, rcptTo: [recipient] } });
        if ('error' in answer) expect(answer.error.code).toBe('scenario-text');
        else if (answer.verdict === 'unknown') expect(answer.missing.length).toBeGreaterThan(0);
        else expect(answer.replies.filter((reply) => reply.stage === 'rcpt')).toHaveLength(1);
      }),
      { numRuns: 1000 },
    );
  });

  it('any list is decided, refused or named', () => {
    fc.assert(
      fc.property(words, words, fc.constantFrom('2.9', '2.10', '3.5', '3.11'), (list, members, postfix) => {
        const mainCf = {
          ...plain.mainCf,
          compatibility_level: '2',
          smtpd_restriction_classes: 'loop',
          loop: `${members} permit`,
          smtpd_recipient_restrictions: `${list} loop`,
        };
        const answer = decide({ ...plain, postfix, mainCf, tables: { '/t': 'client.example.com loop\n' } });
        expect('error' in answer ? answer.error : undefined).toBeUndefined();
      }),
      { numRuns: 400 },
    );
  });

  it('a DNS list may have the name of a table', () => {
    const mainCf = {
      ...plain.mainCf,
      smtpd_recipient_restrictions: 'check_client_access hash:/t, reject_rbl_client hash:/t',
    };
    const answer = decide({ ...plain, postfix: '3.11', mainCf, tables: { '/t': 'client.example.com DUNNO\n' } });
    expect('error' in answer ? answer.error : undefined).toBeUndefined();
  });

  // 3.7.11 runs out of stack while it starts, and is killed by signal 11.
  it('a class within itself ends the server', () => {
    const mainCf = {
      ...plain.mainCf,
      smtpd_restriction_classes: 'loop',
      loop: 'loop',
      smtpd_recipient_restrictions: 'loop',
    };
    const answer = decide({ ...plain, mainCf, session: { ...plain.session, rcptTo: ['c@localhost.'] } });
    expect('error' in answer ? answer.error : answer).toMatchObject({
      verdict: 'fatal',
      replies: [],
      fatal: expect.stringContaining('"loop" contains itself'),
    });
  });

  it.each([
    ['a recipient of a million characters', { rcptTo: [`${'a'.repeat(1_000_000)}@example.com`] }],
    ['a million routing operators', { rcptTo: [`${'%localhost'.repeat(100_000)}@localhost`] }],
    ['a helo name of a million brackets', { helo: '['.repeat(1_000_000) }],
    ['a thousand quotes', { mailFrom: '"'.repeat(1_001) }],
  ])('%s is answered in time', (_, session) => {
    const before = performance.now();
    const answer = decide({ ...plain, session: { ...plain.session, ...session } });
    expect('error' in answer).toBe(false);
    expect(performance.now() - before).toBeLessThan(10_000);
  });
});
