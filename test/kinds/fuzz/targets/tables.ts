// biome-ignore-all lint/suspicious/noTemplateCurlyInString: pattern tables write ${1}
import { plainText } from '../../../../src/lib/files/read.ts';
import { configure } from '../../../../src/policy/policy.ts';
import { TableFailure } from '../../../../src/policy/postfix/config.ts';
import { refusing } from '../clear.ts';
import type { Random } from '../random.ts';
import { someVersion, type Target, textOf, texts } from '../target.ts';
import { judged } from './configuration.ts';

const keys = [
  'client.example.com',
  'a@client.example.com',
  '192.0.2.1',
  '2001:db8::1',
  'AA:BB',
  '',
  'x'.repeat(2000),
  '\u00fc@\u00df.example',
  `${'a'.repeat(60)}!`,
];

/** Opens a table and looks for things in it. */
async function asked(spec: string, tables: Readonly<Record<string, string>>, random: Random): Promise<void> {
  await refusing(() => {
    const config = configure({
      version: someVersion(random),
      mainCf: {
        alias_maps: 'hash:/aliases',
        proxy_read_maps: `proxy:${spec}`,
        smtputf8_enable: random.one(['yes', 'no']),
      },
      tables,
    });
    const table = config.table(spec);
    for (const { where, message } of table.warnings)
      if (where !== undefined && !(where.line >= 1 && where.column >= 1)) throw new Error(`no such place: ${message}`);
    for (const entry of table.entries ?? []) if (!(entry.where.line >= 1)) throw new Error('an entry in no line');
    if (table.opaque !== undefined || table.fatal !== undefined) return;
    for (const key of keys) {
      const found = table.find(key);
      if (found instanceof TableFailure && found.log.length === 0) throw new Error('fails without a word');
      if (found !== undefined && !(found instanceof TableFailure) && typeof found !== 'string')
        throw new Error('neither a text nor a failure');
    }
  });
}

/** A type of table whose source is a file. */
function file(type: string, ...samples: readonly string[]): Target {
  return {
    name: `${type} table`,
    samples: () => texts(...samples),
    async run(input, random) {
      const text = plainText(textOf(input));
      await asked(`${type}:/t`, { '/t': text }, random);
      await judged({
        version: someVersion(random),
        mainCf: {
          mydestination: 'localhost',
          local_recipient_maps: '',
          compatibility_level: '2',
          smtpd_tls_security_level: 'may',
          smtpd_tls_cert_file: '/x',
          smtpd_tls_ask_ccert: 'yes',
          smtpd_tls_fingerprint_digest: 'sha256',
          relay_clientcerts: `${type}:/t`,
          virtual_alias_maps: `${type}:/t`,
          transport_maps: `${type}:/t`,
          smtpd_recipient_restrictions: `check_client_access ${type}:/t, check_sender_access ${type}:/t, permit_tls_clientcerts, reject_unauth_destination`,
        },
        tables: { '/t': text },
      });
    },
  };
}

/** A type of table that is written out where it is used. */
function written(type: string, ...samples: readonly string[]): Target {
  return {
    name: `${type} table`,
    samples: () => texts(...samples),
    async run(input, random) {
      const body = textOf(input).replaceAll(/[\n\r\0]/g, ' ');
      await asked(`${type}:${body}`, { '/t': 'a b\n' }, random);
      await judged({
        version: someVersion(random),
        mainCf: {
          mydestination: 'localhost',
          local_recipient_maps: '',
          compatibility_level: '2',
          smtpd_recipient_restrictions: `check_client_access ${type}:${body}, reject_unauth_destination`,
        },
        tables: { '/t': 'a b\n' },
      });
    },
  };
}

const postmap = [
  '# names\nclient.example.com REJECT go away\n192.0.2 OK\n  and more\nAA:BB:CC one\n"a b"@example.com x\n',
  'a@client.example.com  450 4.7.1 later\n\n<> DUNNO\nexample.com:\nnobody\nA@B.c permit_mynetworks, reject\n',
];

export const tables: readonly Target[] = [
  file('hash', ...postmap),
  file('texthash', ...postmap),
  {
    name: 'alias table',
    samples: () =>
      texts(
        'postmaster: root\nroot: "|/usr/bin/x y", /dev/null,\n  a@b.example\n"quoted name": x\nlist: :include:/etc/list\n(c) x (d): y\n',
      ),
    run: (input, random) => asked('hash:/aliases', { '/aliases': plainText(textOf(input)) }, random),
  },
  file(
    'cidr',
    '192.0.2.0/24 REJECT x\n!10.0.0.0/8 OK\n2001:db8::/32 450 y\n[::1] z\nif 192.0.2.0/25\n192.0.2.1 REJECT in\nendif\n1.2.3.4/33 no\n',
  ),
  file(
    'regexp',
    '/^(.*)@client\\.example\\.com$/ REJECT $1 not\n!/x/i OK\n/a/!/b/ REJECT both\nif /@/\n/(a|b)*c/ x\nendif\n/[[:alpha:]]{2,3}/ ${1} $$\n',
    '/^((a+)+)+$/ REJECT slow\n/(a|aa)*!/ x\n/(.*)*(.*)*(.*)*x/ y\n/a{1,999}{1,999}/ z\n',
  ),
  file(
    'pcre',
    '/^(?<n>[a-z]+)@(\\w+\\.)+com$/ REJECT $(1)\n/(?i)x(?=y)/ a\n/\\bfoo\\b/Ux b\nif !/z/\n/^[^@]{3,}+/ c\nendif\n',
    '/^(a+)+$/ REJECT slow\n/(x+x+)+y/ x\n/(?:(?:(?:a*)*)*)*b/ y\n/\\d{1,9}{2}(?:\\p{L}|[^\\W\\d_])*/ z\n',
  ),
  written('inline', '{a=b, {client.example.com = REJECT go away}, { "c d" = x }}', '{ {AA:BB = one} }'),
  written('static', 'OK', '{ REJECT not here }', '{450 4.7.1 $later}'),
  written('unionmap', '{static:a, inline:{client.example.com=REJECT}}', '{hash:/t, unionmap:{static:b}}'),
  written('pipemap', '{inline:{client.example.com=a}, hash:/t}', '{static:a,pipemap:{hash:/t,static:REJECT}}'),
  written('randmap', '{OK}', '{REJECT, {450 later}}'),
  written('proxy', 'hash:/t', 'proxy:debug:hash:/t', 'unionmap:{hash:/t,static:x}'),
];

/** mynetworks, mydestination and their like, in main.cf and in files that they name. */
export const matchLists: Target = {
  name: 'match lists',
  samples: () =>
    texts(
      '127.0.0.0/8 [::1]/128 192.0.2.0/24, !192.0.2.7 [2001:db8::]/32',
      '$myhostname, localhost, !bad.example .example.com /list hash:/t',
      '!/list, inline:{a=b} cidr:/t regexp:/t # no comment',
      '!!x ! 10/8 10.0.0.1/8 [::1 ::1 type:',
    ),
  async run(input, random) {
    const text = textOf(input).replaceAll(/[\n\r\0]/g, ' ');
    const own = random.one(['mynetworks', 'mydestination', 'relay_domains', 'virtual_alias_domains']);
    await judged({
      version: someVersion(random),
      mainCf: {
        local_recipient_maps: '',
        compatibility_level: '2',
        smtpd_relay_restrictions: 'permit_mynetworks, reject_unauth_destination',
        smtpd_recipient_restrictions: 'check_client_access hash:/t, reject_unauth_destination',
        mynetworks: '/list',
        [own]: text,
      },
      tables: { '/list': textOf(input), '/t': `localhost ${text}\n192.0.2.1 x\n` },
    });
  },
};
