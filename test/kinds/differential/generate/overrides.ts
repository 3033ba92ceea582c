import type { Draw } from './draw.ts';
import { list } from './lists.ts';
import { domainList } from './places.ts';
import type { Setting } from './setting.ts';
import type { Tables } from './tables.ts';

/** What the service's line in master.cf may say. */
export function overrides(draw: Draw, tables: Tables): Setting[] {
  if (!draw.chance(12)) return [];
  return draw.several(1, 2, () =>
    draw.weighted<Setting>([
      [
        3,
        () => [
          'smtpd_relay_restrictions',
          draw.one([
            'permit_sasl_authenticated,reject',
            'permit_tls_clientcerts, reject',
            '$class_a',
            '$lab_macro',
            'defer_unauth_destination',
          ] as const),
        ],
      ],
      [
        2,
        () => [
          'smtpd_client_restrictions',
          list(draw, tables, 'client', 2)
            .replace(/\n#.*\n/g, '')
            .replace(/[\n\t]+/g, ' '),
        ],
      ],
      [2, () => ['smtpd_tls_security_level', draw.one(['encrypt', 'may', 'none'] as const)]],
      [1, () => ['smtpd_tls_wrappermode', 'yes']],
      [2, () => ['smtpd_sasl_auth_enable', 'yes']],
      [1, () => ['lab_macro', draw.one(['permit_mynetworks,reject', 'defer'] as const)]],
      [1, () => ['soft_bounce', 'yes']],
      [4, () => address(draw, tables)],
    ]),
  );
}

/** What trivial-rewrite(8) reads, too, and not from here. */
function address(draw: Draw, tables: Tables): Setting {
  const folded = (text: string) => text.replace(/\n#.*\n/g, '').replace(/[\n\t]+/g, ' ');
  return draw.one<() => Setting>([
    () => ['mydestination', folded(domainList(draw, tables))],
    () => ['relay_domains', folded(domainList(draw, tables))],
    () => ['virtual_alias_domains', folded(domainList(draw, tables))],
    () => ['virtual_alias_maps', tables.map('mailbox', ['alice', 'joe@lab.test'])],
    () => ['transport_maps', tables.map('mailbox', ['error:5.1.2 gone', 'retry:later', ':'])],
    () => ['myorigin', draw.one(['example.com', 'relay.net'] as const)],
    () => ['myhostname', draw.one(['other.lab.test', 'mail.outside.org'] as const)],
    () => ['mydomain', 'example.com'],
    () => ['recipient_delimiter', draw.one(['+', '-', ''] as const)],
    () => ['append_dot_mydomain', draw.one(['yes', 'no'] as const)],
    () => ['allow_percent_hack', 'no'],
    () => ['swap_bangpath', 'no'],
    () => ['allow_untrusted_routing', 'yes'],
    () => ['local_recipient_maps', draw.one(['', 'static:x'] as const)],
    () => ['compatibility_level', draw.one(['0', '2', '3.6'] as const)],
    () => ['daemon_table_open_error_is_fatal', 'yes'],
  ])();
}
