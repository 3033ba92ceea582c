import { expect, it } from 'vitest';
import { warnedLookup } from '../../src/diagnose/findings/warned-lookups.ts';
import { evidenceOf } from './evidence-of.ts';
import { fixtures } from './fixture.ts';

const logins = 'smtpd_sasl_auth_enable = yes\nsmtpd_sender_login_maps = ldap:/etc/postfix/logins.cf\n';

async function found(postfix: string, lines: string): Promise<readonly string[]> {
  const plain = fixtures()[0]?.parts.fine;
  if (plain === undefined) throw new Error('there are no fixtures');
  const level = postfix.startsWith('2.') ? '- compatibility_level' : 'compatibility_level = 2';
  const part = { ...plain, postfix, mainCf: `${level}\n${logins}${lines}\n`, tables: {}, certificates: [] };
  const evidence = await evidenceOf(
    part,
    (text) => text,
    () => Promise.resolve({ server: [], serverKeys: [], client: [], clientKeys: [], nobody: [] }),
    new Date(),
  );
  return warnedLookup.test(evidence).map(({ message }) => message.replace(/^while \S+ cannot be read, /, ''));
}

it.each([
  [
    '2.9.15',
    'smtpd_recipient_restrictions = warn_if_reject reject_sender_login_mismatch, reject_unauth_destination',
    [
      '"warn_if_reject reject_sender_login_mismatch" permits: the rest of smtpd_recipient_restrictions is skipped, and unlisted recipients are accepted',
    ],
  ],
  [
    '2.11.11',
    'smtpd_restriction_classes = own\nown = reject_known_sender_login_mismatch\nsmtpd_relay_restrictions = reject_unauth_destination, warn_if_reject own',
    ['"warn_if_reject own" permits: smtpd_recipient_restrictions refuses nothing'],
  ],
  [
    '3.0.15',
    'smtpd_restriction_classes = own\nown = warn_if_reject reject_known_sender_login_mismatch\nsmtpd_sender_restrictions = own, reject_non_fqdn_sender',
    ['"warn_if_reject reject_known_sender_login_mismatch" permits: the rest of smtpd_sender_restrictions is skipped'],
  ],
  ['3.1.15', 'smtpd_sender_restrictions = warn_if_reject reject_sender_login_mismatch', []],
  [
    '3.1.15',
    'smtpd_reject_unlisted_sender = yes\nsmtpd_sender_restrictions = warn_if_reject reject_sender_login_mismatch',
    ['"warn_if_reject reject_sender_login_mismatch" permits: unlisted senders are accepted'],
  ],
  // The failure of an access table is a refusal, which is warned about alone.
  ['3.1.15', 'smtpd_relay_restrictions = warn_if_reject check_client_access hash:/etc/postfix/a, reject', []],
  ['3.2.22', 'smtpd_relay_restrictions = warn_if_reject reject_sender_login_mismatch, reject', []],
])('Postfix %s, %s', async (postfix, lines, messages) => {
  expect(await found(postfix, lines)).toEqual(messages);
});
