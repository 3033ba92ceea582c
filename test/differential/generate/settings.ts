import { digests } from '../certificates.ts';
import type { Draw } from './draw.ts';
import { joined, list } from './lists.ts';
import type { Tables } from './tables.ts';
import { domains, logins, users } from './words.ts';

export type Setting = readonly [name: string, value: string];

/** What every configuration has: it makes the server quick and keeps it from asking what the harness lacks. */
export const common: readonly Setting[] = [
  ['myhostname', 'mx.lab.test'],
  ['inet_interfaces', '127.0.0.1, ::1'],
  ['alias_maps', ''],
  ['smtpd_sasl_type', 'dovecot'],
  ['smtpd_sasl_path', 'private/lab-auth'],
  ['smtpd_error_sleep_time', '0'],
  ['smtpd_soft_error_limit', '1000'],
  ['smtpd_hard_error_limit', '1000'],
  ['smtpd_client_connection_count_limit', '0'],
  ['smtpd_client_connection_rate_limit', '0'],
  ['maillog_file', ''],
  ['notify_classes', ''],
];

function domainList(draw: Draw, tables: Tables, most = 3): string {
  const element = () => {
    const domain = draw.one(domains);
    return draw.weighted<string>([
      [12, () => draw.one([domain, domain, domain, `.${domain}`, domain.toUpperCase()])],
      [2, () => tables.map('domain')],
      [1, () => `!${domain}`],
      [
        1,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: main.cf writes parameters like this, too
        () => draw.one(['$myhostname', '${myhostname}', 'localhost.$mydomain', '$mydomain', 'static:x', '#x'] as const),
      ],
    ]);
  };
  return joined(draw, draw.several(0, most, element));
}

function networks(draw: Draw, tables: Tables): string {
  const element = () =>
    draw.weighted<string>([
      [
        12,
        () =>
          draw.one([
            '127.0.0.0/8',
            '[::1]/128',
            '192.168.1.0/24',
            '10.0.0.0/8',
            '192.0.2.5',
            '[2001:db8::]/32',
            '[2001:db8::5]',
            '!192.168.1.1',
            '!10.0.0.5',
            '0.0.0.0/0',
            '198.51.100.9/32',
          ] as const),
      ],
      [2, () => tables.map('network')],
      [1, () => draw.one(['client.example.com', '.example.com', 'lab.test', 'unknown', '!host.lab.test'] as const)],
      [
        1,
        () =>
          draw.one([
            '192.168.1.1/24',
            '127',
            '192.168.1.',
            '10.0.0.0/33',
            '10.0.0.0/255.0.0.0',
            '[192.0.2.5]',
            '#x',
            '/etc/postfix/lab/nets',
            '!/etc/postfix/lab/nets',
            '/etc/postfix/lab/nowhere',
          ] as const),
      ],
    ]);
  return joined(draw, draw.several(0, 3, element));
}

/** Where mail goes and which addresses there are. */
export function destinations(draw: Draw, tables: Tables): Setting[] {
  const settings: Setting[] = [];
  const add = (percent: number, name: string, value: () => string) => {
    if (draw.chance(percent)) settings.push([name, value()]);
  };
  const recipients = () =>
    joined(
      draw,
      draw.several(0, 2, () => tables.map('mailbox', ['alice', 'joe@lab.test', 'x'])),
    );
  settings.push(['mynetworks', draw.chance(30) ? '127.0.0.0/8 [::1]/128' : networks(draw, tables)]);
  tables.files['/etc/postfix/lab/nets'] = draw.one([
    '192.168.1.0/24\n10.0.0.5\n',
    '# none\n127.0.0.1 [::1]\n',
    '!192.168.1.1\n192.168.0.0/16 # rest\n',
  ] as const);
  add(80, 'mydestination', () =>
    draw.chance(50)
      ? draw.one([
          'lab.test, mx.lab.test, localhost',
          '$myhostname, localhost.$mydomain, localhost, $mydomain',
          'lab.test',
        ] as const)
      : domainList(draw, tables),
  );
  settings.push(['local_recipient_maps', draw.chance(60) ? '' : recipients()]);
  add(60, 'relay_domains', () =>
    draw.chance(60)
      ? draw.one(['relay.net', '$mydestination', 'relay.net, .sub.relay.net'] as const)
      : domainList(draw, tables),
  );
  add(22, 'relay_recipient_maps', recipients);
  add(30, 'virtual_alias_domains', () => domainList(draw, tables, 2));
  add(35, 'virtual_alias_maps', recipients);
  add(30, 'virtual_mailbox_domains', () => domainList(draw, tables, 2));
  add(25, 'virtual_mailbox_maps', recipients);
  add(6, 'canonical_maps', recipients);
  add(6, 'recipient_canonical_maps', recipients);
  add(6, 'sender_canonical_maps', recipients);
  add(7, 'relocated_maps', () => tables.map('mailbox', ['new@far.example', 'nowhere']));
  add(10, 'transport_maps', () =>
    tables.map('mailbox', [
      'smtp:[127.0.0.1]',
      'error:no such place',
      'error:5.1.2 gone',
      'retry:4.3.0 later',
      'discard:',
      'local:',
      ':',
    ]),
  );
  add(4, 'default_transport', () => draw.one(['error:no mail', 'smtp', 'retry:later'] as const));
  add(4, 'local_transport', () => draw.one(['error:no local mail', 'error:5.7.9 no', 'discard:'] as const));
  add(25, 'recipient_delimiter', () => draw.one(['+', '-', '+-'] as const));
  add(6, 'owner_request_special', () => 'no');
  add(8, 'append_dot_mydomain', () => draw.one(['yes', 'no'] as const));
  add(6, 'myorigin', () => draw.one(['$mydomain', 'example.com', 'relay.net'] as const));
  add(4, 'mydomain', () => draw.one(['example.com', 'lab.test'] as const));
  add(6, 'swap_bangpath', () => 'no');
  add(6, 'allow_percent_hack', () => 'no');
  add(8, 'allow_untrusted_routing', () => 'yes');
  add(4, 'append_at_myorigin', () => 'yes');
  add(5, 'resolve_dequoted_address', () => 'no');
  add(4, 'resolve_null_domain', () => 'yes');
  add(4, 'resolve_numeric_domain', () => 'yes');
  add(4, 'allow_min_user', () => 'yes');
  add(8, 'parent_domain_matches_subdomains', () =>
    draw.one(['', 'relay_domains', 'smtpd_access_maps', 'mynetworks, transport_maps'] as const),
  );
  add(4, 'proxy_interfaces', () => draw.one(['10.9.9.9', '203.0.113.1'] as const));
  add(4, 'strict_rfc821_envelopes', () => 'yes');
  return settings;
}

/** The lists and what they refer to. */
export function policy(draw: Draw, tables: Tables): Setting[] {
  const settings: Setting[] = [];
  if (draw.chance(85))
    settings.push(['compatibility_level', draw.one(['0', '1', '2', '2', '3.6', '3.6', '3.5', '9999'] as const)]);
  settings.push([
    'smtpd_restriction_classes',
    draw.one(['class_a, class_b', 'class_a class_b', 'class_b,class_a'] as const),
  ]);
  const inner = (name: string): Setting => {
    const text = list(draw, tables, 'recipient', 3);
    return [name, text === '' ? 'permit_mynetworks' : text];
  };
  settings.push(inner('class_a'), inner('class_b'));
  for (const [stage, percent] of [
    ['client', 28],
    ['helo', 26],
    ['sender', 28],
    ['data', 12],
    ['end_of_data', 8],
  ] as const) {
    if (draw.chance(percent)) settings.push([`smtpd_${stage}_restrictions`, list(draw, tables, stage, 3)]);
  }
  const guard = draw.one([
    'reject_unauth_destination',
    'reject_unauth_destination',
    'defer_unauth_destination',
    'reject',
    'defer',
    'permit_auth_destination, reject',
  ] as const);
  for (const [stage, percent] of [
    ['relay', 65],
    ['recipient', 75],
  ] as const) {
    if (!draw.chance(percent)) continue;
    const text = list(draw, tables, stage, 4);
    const guarded = draw.chance(60) ? [text, guard].filter(Boolean).join(', ') : text;
    settings.push([`smtpd_${stage}_restrictions`, guarded]);
  }
  if (draw.chance(20)) settings.push(['smtpd_relay_before_recipient_restrictions', draw.one(['yes', 'no'] as const)]);
  return settings;
}

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
  const settings: Setting[] = [];
  const add = (percent: number, name: string, value: () => string) => {
    if (draw.chance(percent)) settings.push([name, value()]);
  };
  const yesOrNo = () => draw.one(['yes', 'no', 'YES'] as const);
  add(22, 'smtpd_delay_reject', () => draw.one(['no', 'no', 'yes'] as const));
  add(10, 'smtpd_helo_required', yesOrNo);
  add(18, 'smtpd_reject_unlisted_recipient', yesOrNo);
  add(14, 'smtpd_reject_unlisted_sender', yesOrNo);
  add(10, 'show_user_unknown_table_name', yesOrNo);
  add(7, 'soft_bounce', yesOrNo);
  add(4, 'smtpd_null_access_lookup_key', () => draw.one(['null', '<>', 'alice'] as const));
  add(4, 'smtpd_peername_lookup', () => 'no');
  add(3, 'smtpd_client_port_logging', () => 'no');
  add(4, 'smtpd_recipient_limit', () => draw.one(['1', '2'] as const));
  add(4, 'receive_override_options', () => draw.one(['no_unknown_recipient_checks', 'no_address_mappings'] as const));
  add(5, 'smtpd_reject_footer', () =>
    draw.one([
      'call 555',
      'call $client_name at $localtime_x',
      '\\c. Contact $recipient',
      'one\\ntwo',
      '5.9.9 see $server_name',
      '$client_address $sender $helo_name',
    ] as const),
  );
  add(2, 'reject_tempfail_action', () => draw.one(['defer', 'reject', 'defer_if_reject'] as const));
  add(2, 'smtputf8_enable', () => draw.one(['yes', 'no'] as const));
  for (const name of codes)
    add(3, name, () => draw.one(['450', '550', '554', '451', '551', '521', '421', '400', '599'] as const));
  add(45, 'smtpd_sasl_auth_enable', () => 'yes');
  add(5, 'smtpd_sasl_exceptions_networks', () => draw.one(['192.168.1.0/24', 'static:all', '127.0.0.0/8'] as const));
  add(4, 'smtpd_sasl_security_options', () => draw.one(['noanonymous', '', 'noplaintext'] as const));
  add(4, 'smtpd_tls_auth_only', () => 'yes');
  add(14, 'smtpd_sender_login_maps', () =>
    tables.map('mailbox', [...logins, 'alice, joe', 'joe mallory'] as [string, ...string[]]),
  );
  return settings;
}

/** TLS, in most configurations in working order. */
export function tls(draw: Draw, tables: Tables): Setting[] {
  if (draw.chance(32)) return [];
  const settings: Setting[] = [];
  const add = (percent: number, name: string, value: () => string) => {
    if (draw.chance(percent)) settings.push([name, value()]);
  };
  settings.push(
    draw.chance(88)
      ? ['smtpd_tls_security_level', draw.one(['may', 'may', 'may', 'may', 'encrypt', 'none', 'secure', ''] as const)]
      : draw.chance(50)
        ? ['smtpd_use_tls', 'yes']
        : ['smtpd_enforce_tls', 'yes'],
  );
  if (draw.chance(94))
    settings.push(
      ['smtpd_tls_cert_file', '/etc/postfix/lab/server.pem'],
      ['smtpd_tls_key_file', '/etc/postfix/lab/server.key'],
    );
  else add(30, 'smtpd_tls_cert_file', () => 'none');
  add(84, 'smtpd_tls_ask_ccert', () => draw.one(['yes', 'yes', 'yes', 'no'] as const));
  add(6, 'smtpd_tls_req_ccert', () => 'yes');
  add(78, 'smtpd_tls_CAfile', () => '/etc/postfix/lab/ca.pem');
  add(70, 'smtpd_tls_fingerprint_digest', () =>
    draw.one(['sha1', 'sha256', 'sha256', 'SHA256', 'md5', ...digests] as const),
  );
  if (draw.chance(2)) settings.push(['smtpd_tls_fingerprint_digest', 'nonsense']);
  add(75, 'relay_clientcerts', () =>
    joined(
      draw,
      draw.several(1, 2, () => tables.map('fingerprint', ['client', 'x', 'REJECT'])),
    ),
  );
  return settings;
}

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
