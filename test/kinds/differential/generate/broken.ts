import type { Draw } from './draw.ts';
import type { Setting } from './setting.ts';
import { users } from './words.ts';

/** Values that no server starts with, or only some. */
export function broken(draw: Draw): Setting[] {
  if (!draw.chance(4)) return [];
  const [user] = users;
  return [
    draw.one<Setting>([
      ['smtpd_delay_reject', 'maybe'],
      ['access_map_reject_code', 'x'],
      ['reject_code', ''],
      ['smtpd_recipient_limit', '0'],
      ['smtpd_restriction_classes', 'class_a, class_missing'],
      ['compatibility_level', '1.x'],
      ['soft_bounce', ''],
      ['mynetworks', '${lab'],
      ['relay_clientcerts', user],
      ['smtpd_tls_security_level', 'sometimes'],
      ['smtpd_sender_restrictions', 'check_sender_access hash'],
      ['mynetworks', '::1'],
      ['mynetworks', '!'],
      ['swap_bangpath', 'maybe'],
      ['transport_maps', user],
      ['virtual_mailbox_domains', '!'],
      ['lab_loop', '$lab_loop'],
      ['smtpd_sender_restrictions', '$smtpd_sender_restrictions'],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: main.cf writes parameters like this, too
      ['smtpd_recipient_restrictions', '${{$compatibility_level} <level {3} ? {reject} : {permit_mynetworks, reject}}'],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: main.cf writes parameters like this, too
      ['smtpd_recipient_restrictions', '${lab_unset?permit}${lab_unset:reject}'],
      ['smtpd_client_restrictions', 'permit_mynetworks, $$x'],
      ['smtpd_sender_restrictions', 'proxy:hash:/etc/postfix/lab/nowhere'],
    ]),
  ];
}
