import type { Draw } from './draw.ts';
import { outside } from './outside.ts';
import type { Kind, Tables } from './tables.ts';

export type Stage = 'client' | 'helo' | 'sender' | 'relay' | 'recipient' | 'data' | 'end_of_data' | 'etrn';

const anywhere = [
  'permit_mynetworks',
  'permit_sasl_authenticated',
  'permit_tls_clientcerts',
  'permit_tls_clientcerts',
  'permit_tls_all_clientcerts',
  'permit_inet_interfaces',
  'permit_auth_destination',
  'reject_unauth_destination',
  'defer_unauth_destination',
  'reject_non_fqdn_sender',
  'reject_non_fqdn_recipient',
  'reject_non_fqdn_helo_hostname',
  'reject_invalid_helo_hostname',
  'reject_non_fqdn_hostname',
  'reject_invalid_hostname',
  'reject_unlisted_recipient',
  'reject_unlisted_sender',
  'check_recipient_maps',
  'reject_sender_login_mismatch',
  'reject_authenticated_sender_login_mismatch',
  'reject_unauthenticated_sender_login_mismatch',
  'reject_known_sender_login_mismatch',
  'reject_plaintext_session',
  'reject_unknown_client_hostname',
  'reject_unknown_client',
  'reject_unknown_reverse_client_hostname',
  'reject_multi_recipient_bounce',
  'reject_unauth_pipelining',
  'permit_naked_ip_address',
  'check_relay_domains',
  'defer_if_permit',
  'defer_if_reject',
] as const;

const wrong = [
  'reject_unath_destination',
  'check_sender_access',
  'check_client_access nothing',
  'permit_mynetwork',
  'check_recipient_access { hash:/etc/postfix/lab/nowhere }',
  'class_z',
  'sleep 0',
  'sleep x',
  'reject_rbl_client',
  'check_policy_service nothing',
  'reject_rhsbl_sender',
  'permit_dnswl_client',
  'check_client_mx_access',
  'reject_maps_rbl',
] as const;

const checks: readonly (readonly [name: string, kind: Kind])[] = [
  ['check_client_access', 'client'],
  ['check_reverse_client_hostname_access', 'client'],
  ['check_helo_access', 'helo'],
  ['check_sender_access', 'mailbox'],
  ['check_recipient_access', 'mailbox'],
  ['check_ccert_access', 'fingerprint'],
  ['check_sasl_access', 'login'],
  ['check_etrn_access', 'domain'],
];

const bare: Readonly<Record<Stage, Kind>> = {
  client: 'client',
  helo: 'helo',
  sender: 'mailbox',
  relay: 'mailbox',
  recipient: 'mailbox',
  data: 'mailbox',
  end_of_data: 'mailbox',
  etrn: 'domain',
};

/** One element of a list, with its argument. */
function element(draw: Draw, tables: Tables, stage: Stage): string {
  return draw.weighted<string>([
    [40, () => draw.cased(draw.one(anywhere))],
    [24, () => check(draw, tables)],
    [5, () => tables.access(bare[stage])],
    [6, () => draw.one(['class_a', 'class_a', 'class_b', 'class_b', 'Class_A'] as const)],
    [5, () => draw.cased(draw.one(['permit', 'reject', 'defer'] as const))],
    [16, () => outside(draw, tables)],
    [1, () => draw.one(wrong)],
    [4, () => certificateOrder(draw, tables)],
  ]);
}

function check(draw: Draw, tables: Tables): string {
  const [name, kind] = draw.one(checks as [(typeof checks)[number], ...typeof checks]);
  return `${draw.cased(name)} ${tables.access(kind)}`;
}

function certificateOrder(draw: Draw, tables: Tables): string {
  const table = tables.access('fingerprint');
  const order = draw.one([
    'cert_fingerprint',
    'pubkey_fingerprint',
    'pubkey_fingerprint, cert_fingerprint',
    'cert_fingerprint pubkey_fingerprint',
    'subject_cn',
    'nonsense',
    'cert_fingerprint, issuer_cn',
  ] as const);
  const setting = /[, ]/.test(order) ? `{ search_order = ${order} }` : `search_order=${order}`;
  return `check_ccert_access { ${table}, ${setting} }`;
}

/** A list as main.cf holds it, with the blanks, commas and folds that people write. */
export function list(draw: Draw, tables: Tables, stage: Stage, most: number): string {
  const elements = draw.several(
    0,
    most,
    () => `${draw.chance(6) ? `${draw.cased('warn_if_reject')} ` : ''}${element(draw, tables, stage)}`,
  );
  return joined(draw, elements);
}

export function joined(draw: Draw, elements: readonly string[]): string {
  const separator = draw.one([
    ', ',
    ', ',
    ' ',
    ',',
    ',\n    ',
    '\n\t',
    ' , ',
    ',\n# a comment\n  ',
    '\t',
    ',,  ',
  ] as const);
  const text = elements.join(separator);
  return draw.chance(2) ? `, ${text} ,` : text;
}
