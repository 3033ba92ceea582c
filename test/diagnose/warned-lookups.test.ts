import { expect, it } from 'vitest';
import { warnedLookup } from '../../src/diagnose/findings/warned-lookups.ts';
import { messagesOf } from './messages-of.ts';

const logins = 'smtpd_sasl_auth_enable = yes\nsmtpd_sender_login_maps = ldap:/etc/postfix/logins.cf\n';

const found = async (postfix: string, lines: string) =>
  (await messagesOf(warnedLookup, postfix, `${logins}${lines}`)).map((message) =>
    message.replace(/^while \S+ cannot be read, /, ''),
  );

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
