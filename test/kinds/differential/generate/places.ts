import type { Draw } from './draw.ts';
import { joined } from './lists.ts';
import type { Tables } from './tables.ts';
import { domains } from './words.ts';

/** A list of domains such as relay_domains. */
export function domainList(draw: Draw, tables: Tables, most = 3): string {
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

/** A list of addresses such as mynetworks. */
export function networks(draw: Draw, tables: Tables): string {
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
