import type { Draw } from './draw.ts';

const statuses = ['5.7.1', '4.7.1', '5.1.1', '4.1.2', '5.1.8', '2.0.0', '5.1.3', '4.1.7', '5.7.25', '5.1.9'] as const;
const texts = ['no', 'go away', 'Not Here: try elsewhere', 'x', '5.7.1', 'a  b'] as const;

const plain = [
  'OK',
  'RELAY',
  'DUNNO',
  'REJECT',
  'DEFER',
  'DEFER_IF_PERMIT',
  'DEFER_IF_REJECT',
  'HOLD',
  'WARN',
  'INFO',
  'DISCARD',
] as const;

const lists = [
  'permit',
  'reject',
  'defer',
  'permit_mynetworks, reject',
  'permit_mynetworks reject_unauth_destination',
  'reject_unauth_destination',
  'permit_auth_destination, defer',
  'permit_tls_clientcerts',
  'reject_non_fqdn_sender',
  'reject_non_fqdn_helo_hostname, permit',
  'warn_if_reject reject, permit',
  'permit_sasl_authenticated, reject',
  'defer_if_permit',
  'defer_if_reject, reject',
  'class_a',
  'class_b',
  'reject_unlisted_recipient',
  'reject_rbl_client bl.test',
  'reject_unverified_sender, permit',
  'check_policy_service inet:127.0.0.1:10023',
  'permit_mx_backup',
] as const;

const odd = [
  '450',
  '550',
  '12345',
  '0',
  '250 x',
  '399 x',
  '600 x',
  '55',
  '5000 x',
  'PERMIT_ALL',
  'OKAY',
  'hash:/etc/postfix/lab/nowhere',
  'FILTER x',
  'REDIRECT nobody',
  'BCC x',
  'PREPEND nothing',
  'nonsense',
  'DUNNO whatever',
  'OK whatever',
  'class_z',
  'check_sender_access',
  'reject_rbl_client',
  ',',
] as const;

const marks = [
  'FILTER smtp:[127.0.0.1]',
  'REDIRECT alice@lab.test',
  'BCC alice@lab.test',
  'PREPEND X-Lab: yes',
  'HOLD please',
  'WARN look',
  'INFO look',
  'DISCARD quietly',
  'HANGUP',
] as const;

/** A right-hand side of an access(5) table. */
export function action(draw: Draw): string {
  return draw.weighted<string>([
    [32, () => draw.cased(draw.one(plain))],
    [16, () => refusal(draw)],
    [12, () => draw.one(lists)],
    [6, () => draw.one(marks)],
    [4, () => draw.one(odd)],
  ]);
}

function refusal(draw: Draw): string {
  const word = draw.one([
    'REJECT',
    'DEFER',
    'DEFER_IF_PERMIT',
    'DEFER_IF_REJECT',
    '550',
    '450',
    '551',
    '471',
    '521',
    '421',
    '599',
    'reject',
  ] as const);
  const status = draw.chance(45) ? ` ${draw.one(statuses)}` : '';
  // A status with nothing behind it reads past the end of the text up to 3.7, and what is there nobody knows.
  const words = draw.one(texts);
  const alone = status === '' && /^\d/.test(words);
  const text = draw.chance(75) || status !== '' ? `${draw.one([' ', ' ', '  ', '\t'] as const)}${words}` : '';
  return `${word}${status}${alone ? '' : text}`;
}
