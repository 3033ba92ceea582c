import type { Draw } from './draw.ts';
import { joined } from './lists.ts';
import { domainList, networks } from './places.ts';
import { type Setting, Settings } from './setting.ts';
import type { Tables } from './tables.ts';

/** Where mail goes and which addresses there are. */
export function destinations(draw: Draw, tables: Tables): Setting[] {
  const settings = new Settings(draw);
  const recipients = () =>
    joined(
      draw,
      draw.several(0, 2, () => tables.map('mailbox', ['alice', 'joe@lab.test', 'x'])),
    );
  settings.set('mynetworks', draw.chance(30) ? '127.0.0.0/8 [::1]/128' : networks(draw, tables));
  tables.files['/etc/postfix/lab/nets'] = draw.one([
    '192.168.1.0/24\n10.0.0.5\n',
    '# none\n127.0.0.1 [::1]\n',
    '!192.168.1.1\n192.168.0.0/16 # rest\n',
  ] as const);
  settings.add(80, 'mydestination', () =>
    draw.chance(50)
      ? draw.one([
          'lab.test, mx.lab.test, localhost',
          '$myhostname, localhost.$mydomain, localhost, $mydomain',
          'lab.test',
        ] as const)
      : domainList(draw, tables),
  );
  settings.set('local_recipient_maps', draw.chance(60) ? '' : recipients());
  settings.add(60, 'relay_domains', () =>
    draw.chance(60)
      ? draw.one(['relay.net', '$mydestination', 'relay.net, .sub.relay.net'] as const)
      : domainList(draw, tables),
  );
  settings.add(22, 'relay_recipient_maps', recipients);
  settings.add(30, 'virtual_alias_domains', () => domainList(draw, tables, 2));
  settings.add(35, 'virtual_alias_maps', recipients);
  settings.add(30, 'virtual_mailbox_domains', () => domainList(draw, tables, 2));
  settings.add(25, 'virtual_mailbox_maps', recipients);
  settings.add(6, 'canonical_maps', recipients);
  settings.add(6, 'recipient_canonical_maps', recipients);
  settings.add(6, 'sender_canonical_maps', recipients);
  settings.add(7, 'relocated_maps', () => tables.map('mailbox', ['new@far.example', 'nowhere']));
  settings.add(10, 'transport_maps', () =>
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
  settings.add(4, 'default_transport', () => draw.one(['error:no mail', 'smtp', 'retry:later'] as const));
  settings.add(4, 'local_transport', () => draw.one(['error:no local mail', 'error:5.7.9 no', 'discard:'] as const));
  settings.add(25, 'recipient_delimiter', () => draw.one(['+', '-', '+-'] as const));
  settings.add(6, 'owner_request_special', () => 'no');
  settings.add(8, 'append_dot_mydomain', () => draw.one(['yes', 'no'] as const));
  settings.add(6, 'myorigin', () => draw.one(['$mydomain', 'example.com', 'relay.net'] as const));
  settings.add(4, 'mydomain', () => draw.one(['example.com', 'lab.test'] as const));
  settings.add(6, 'swap_bangpath', () => 'no');
  settings.add(6, 'allow_percent_hack', () => 'no');
  settings.add(8, 'allow_untrusted_routing', () => 'yes');
  settings.add(4, 'append_at_myorigin', () => 'yes');
  settings.add(5, 'resolve_dequoted_address', () => 'no');
  settings.add(4, 'resolve_null_domain', () => 'yes');
  settings.add(4, 'resolve_numeric_domain', () => 'yes');
  settings.add(4, 'allow_min_user', () => 'yes');
  settings.add(8, 'parent_domain_matches_subdomains', () =>
    draw.one(['', 'relay_domains', 'smtpd_access_maps', 'mynetworks, transport_maps'] as const),
  );
  settings.add(4, 'proxy_interfaces', () => draw.one(['10.9.9.9', '203.0.113.1'] as const));
  settings.add(4, 'strict_rfc821_envelopes', () => 'yes');
  return settings.all;
}
