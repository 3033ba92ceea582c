import type { Draw } from './draw.ts';
import { list } from './lists.ts';
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
    ]),
  );
}
