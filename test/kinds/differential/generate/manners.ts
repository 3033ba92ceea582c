import type { Draw } from './draw.ts';
import { type Setting, Settings } from './setting.ts';
import type { Tables } from './tables.ts';
import { logins } from './words.ts';

const codes = [
  'access_map_reject_code',
  'access_map_defer_code',
  'reject_code',
  'defer_code',
  'relay_domains_reject_code',
  'invalid_hostname_reject_code',
  'non_fqdn_reject_code',
  'unknown_address_reject_code',
  'unknown_client_reject_code',
  'unknown_hostname_reject_code',
  'multi_recipient_bounce_reject_code',
  'plaintext_reject_code',
  'unknown_local_recipient_reject_code',
  'unknown_relay_recipient_reject_code',
  'unknown_virtual_alias_reject_code',
  'unknown_virtual_mailbox_reject_code',
] as const;

/** Everything else that changes a reply. */
export function manners(draw: Draw, tables: Tables): Setting[] {
  const settings = new Settings(draw);
  const yesOrNo = () => draw.one(['yes', 'no', 'YES'] as const);
  settings.add(22, 'smtpd_delay_reject', () => draw.one(['no', 'no', 'yes'] as const));
  settings.add(10, 'smtpd_helo_required', yesOrNo);
  settings.add(18, 'smtpd_reject_unlisted_recipient', yesOrNo);
  settings.add(14, 'smtpd_reject_unlisted_sender', yesOrNo);
  settings.add(10, 'show_user_unknown_table_name', yesOrNo);
  settings.add(7, 'soft_bounce', yesOrNo);
  settings.add(4, 'smtpd_null_access_lookup_key', () => draw.one(['null', '<>', 'alice'] as const));
  settings.add(4, 'smtpd_peername_lookup', () => 'no');
  settings.add(3, 'smtpd_client_port_logging', () => 'no');
  settings.add(4, 'smtpd_recipient_limit', () => draw.one(['1', '2'] as const));
  settings.add(4, 'receive_override_options', () =>
    draw.one(['no_unknown_recipient_checks', 'no_address_mappings'] as const),
  );
  settings.add(5, 'smtpd_reject_footer', () =>
    draw.one([
      'call 555',
      'call $client_name at $localtime_x',
      '\\c. Contact $recipient',
      'one\\ntwo',
      '5.9.9 see $server_name',
      '$client_address $sender $helo_name',
    ] as const),
  );
  settings.add(2, 'reject_tempfail_action', () => draw.one(['defer', 'reject', 'defer_if_reject'] as const));
  settings.add(2, 'smtputf8_enable', () => draw.one(['yes', 'no'] as const));
  for (const name of codes)
    settings.add(3, name, () => draw.one(['450', '550', '554', '451', '551', '521', '421', '400', '599'] as const));
  settings.add(45, 'smtpd_sasl_auth_enable', () => 'yes');
  settings.add(5, 'smtpd_sasl_exceptions_networks', () =>
    draw.one(['192.168.1.0/24', 'static:all', '127.0.0.0/8'] as const),
  );
  settings.add(4, 'smtpd_sasl_security_options', () => draw.one(['noanonymous', '', 'noplaintext'] as const));
  settings.add(4, 'smtpd_tls_auth_only', () => 'yes');
  settings.add(14, 'smtpd_sender_login_maps', () =>
    tables.map('mailbox', [...logins, 'alice, joe', 'joe mallory'] as [string, ...string[]]),
  );
  return settings.all;
}
