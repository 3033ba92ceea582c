// biome-ignore-all lint/suspicious/noTemplateCurlyInString: main.cf writes ${name}
import { afterAll, describe, expect, it } from 'vitest';
import { knownParameters } from '../../../src/policy/postfix/parameters.ts';
import { readConfig } from '../../../src/policy/postfix/read-config.ts';
import { parseVersion } from '../../../src/policy/postfix/version.ts';
import { needs } from '../../needs.ts';
import { installedVersion, RealPostfix } from './real-postfix.ts';

const missing = needs('postconf');

/** Places of the packager's choice, what only the host knows, and what refers to them. */
const local =
  /_directory$|_path$|^(alias_maps|alias_database|service_name|mail_release_date|setgid_group|shlib_directory|config_directory|process_)/;

describe.skipIf(missing)('every parameter beside the installed postconf -x', () => {
  const real = new RealPostfix();
  afterAll(() => real.remove());

  it.each([
    [
      'a host of its own',
      'myhostname = mx.example.com\nmynetworks = 127.0.0.0/8\nalias_maps = hash:/etc/aliases\nalias_database = $alias_maps\n',
    ],
    [
      'references, levels and conditions',
      [
        'compatibility_level = 3.6',
        'site = example.com',
        'myhostname = mx1.$site',
        'myorigin = $mydomain',
        'mynetworks = ${nets?$nets}${nets:127.0.0.0/8}, [::1]/128',
        'mydestination = $myhostname, ${mydomain?{$mydomain}:{none}}',
        'relay_domains = $mydestination $(site)',
        'smtpd_tls_key_file = $smtpd_tls_cert_file',
        'smtpd_tls_cert_file = /etc/x.pem',
        'alias_maps =',
        'alias_database =',
        '',
      ].join('\n'),
    ],
    [
      'level 1 and the second of two definitions',
      'compatibility_level = 1\nmyhostname = a.b\nmyhostname = c.d.e\nmynetworks=\nalias_maps =\nalias_database =\n',
    ],
  ])('%s', (_what, mainCf) => {
    const version = parseVersion(installedVersion());
    if ('code' in version) throw new Error(version.message);
    real.write('main.cf', mainCf);
    const lines = real
      .postconf('-x')
      .out.split('\n')
      .filter((line) => line !== '');
    const theirs = new Map(
      lines.map((line) => [line.slice(0, line.indexOf(' =')), line.slice(line.indexOf(' =') + 2).trim()]),
    );
    const config = readConfig({ version: version.text, mainCf });
    const different: unknown[] = [];
    let compared = 0;
    for (const { name, kind } of knownParameters(version).values()) {
      const value = theirs.get(name);
      if (value === undefined || local.test(name) || value.includes('/usr/') || value.includes('/var/')) continue;
      compared++;
      // postconf expands what the programs themselves take as it stands.
      const ours = kind === 'raw' ? value : config.get(name).replace(/\s+/g, ' ').trim();
      if (ours !== value.replace(/\s+/g, ' ')) different.push([name, value, ours]);
    }
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThan(700);
  });
});
