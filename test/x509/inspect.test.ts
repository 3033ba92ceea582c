import { fc, test } from '@fast-check/vitest';
import { beforeAll, describe, expect, it } from 'vitest';
import { issue } from '../../src/provision/pki/issue.ts';
import { profiles } from '../../src/provision/pki/profiles.ts';
import type { CertificateFacts } from '../../src/x509/facts.ts';
import { inspect } from '../../src/x509/inspect.ts';
import { needs } from '../needs.ts';
import { now, random, someAuthority } from '../provision/pki/authorities.ts';
import { openssl, opensslBytes, scratch } from '../provision/pki/openssl.ts';

const file = scratch();
const bytes = (text: string) => new TextEncoder().encode(text);
const look = (content: string | Uint8Array) => inspect(typeof content === 'string' ? bytes(content) : content, 'given');

let authority: Awaited<ReturnType<typeof someAuthority>>;
let client: Awaited<ReturnType<typeof issue>>;
let both: readonly CertificateFacts[];
beforeAll(async () => {
  authority = await someAuthority();
  const options = { keyType: 'ec-p256', now, random } as const;
  client = await issue(profiles.client, { name: 'c.example.com' }, authority.authority, options);
  both = [client.facts, authority.facts];
});

describe('certificates are found', () => {
  const writings: readonly (readonly [string, (text: string) => string])[] = [
    ['as OpenSSL writes them', (text) => text],
    ['with CRLF', (text) => text.replaceAll('\n', '\r\n')],
    ['with CR', (text) => text.replaceAll('\n', '\r')],
    ['with a byte order mark', (text) => `\uFEFF${text}`],
    [
      'among other text',
      (text) => `Bag Attributes: \u00e4\n${text.replaceAll('-----BEGIN', 'subject=/CN=x\n-----BEGIN')}\nend`,
    ],
    ['indented', (text) => text.replaceAll(/^/gm, '    ')],
    ['with blanks at line ends', (text) => text.replaceAll('\n', ' \t\n')],
    ['without a line end', (text) => text.trimEnd()],
    ['on long lines', (text) => text.replaceAll(/([A-Za-z0-9+/=])\n(?!-)/g, '$1')],
    ['beside keys', (text) => `${client.keyPem}${text}${authority.keyPem}`],
  ];
  it.each(writings)('in PEM %s', (_how, write) => {
    expect(look(write(client.certificatePem + authority.certificatePem))).toEqual({ certificates: both, problems: [] });
  });

  it('in DER, also when an editor added a line end', () => {
    const expected = { certificates: [client.facts], problems: [] };
    expect(look(client.facts.der)).toEqual(expected);
    expect(look(Uint8Array.of(...client.facts.der, 10))).toEqual(expected);
  });
});

describe('what is wrong is said, with the place', () => {
  it('of one certificate among others', () => {
    const text = `${client.certificatePem}-----BEGIN CERTIFICATE-----\nTm8gY2VydA==\n-----END CERTIFICATE-----\n`;
    const { certificates, problems } = look(text + authority.certificatePem);
    expect(certificates).toEqual(both);
    expect(problems).toMatchObject([{ code: 'certificate-damaged', where: { file: 'given', column: 1 } }]);
    expect(problems[0]?.where?.line).toBe(client.certificatePem.split('\n').length);
  });

  it('of a truncated file, wherever it ends', () => {
    const pem = client.certificatePem;
    for (const length of [28, 60, 300, pem.length - 30, pem.length - 5])
      expect(look(pem.slice(0, length))).toMatchObject({
        certificates: [],
        problems: [{ code: 'certificate-truncated' }],
      });
    const { der } = client.facts;
    for (const length of [1, 2, 3, 100, der.length - 1])
      expect(look(der.subarray(0, length))).toMatchObject({ problems: [{ code: 'certificate-truncated' }] });
  });

  it('of base64 with letters that are none', () => {
    const damaged = client.certificatePem.replace(/\n(....)/, '\n$1*');
    expect(look(damaged)).toMatchObject({ problems: [{ code: 'certificate-damaged' }] });
  });

  it.each([
    ['nothing', () => '', 'is empty'],
    ['white space', () => ' \r\n\t', 'is empty'],
    ['prose', () => 'myhostname = mail.example.com\n', 'is no certificate, neither in PEM nor in DER form'],
    ['a key', () => client.keyPem, 'has no certificate but a private key'],
  ])('of a file with %s', (_what, content, says) => {
    const { certificates, problems } = look(content());
    expect(certificates).toEqual([]);
    expect(problems).toMatchObject([{ code: 'certificate-missing', message: `"given" ${says}` }]);
  });

  test.prop([fc.uint8Array({ maxLength: 300 })])('of anything else, and never with a stack trace', (content) => {
    const { certificates, problems } = look(content);
    expect(certificates).toEqual([]);
    expect(problems.length).toBe(1);
  });

  test.prop([fc.nat(), fc.integer({ min: 1, max: 255 })])(
    'of one flipped octet, or it is another certificate',
    (at, mask) => {
      const der = Uint8Array.from(client.facts.der);
      const index = at % der.length;
      der[index] = (der[index] ?? 0) ^ mask;
      const { certificates, problems } = look(der);
      expect(certificates.length + problems.length).toBe(1);
      for (const { fingerprint } of certificates) expect(fingerprint).not.toEqual(client.facts.fingerprint);
    },
  );
});

describe.skipIf(needs('openssl'))('files that openssl makes', () => {
  it('with trust settings have the fingerprint of the certificate alone', () => {
    const pem = file('c.pem', client.certificatePem);
    const trusted = openssl(['x509', '-in', pem, '-trustout', '-addtrust', 'clientAuth']).stdout;
    expect(trusted).toContain('BEGIN TRUSTED CERTIFICATE');
    expect(look(trusted).certificates).toEqual([client.facts]);
  });

  it.each(['PEM', 'DER'])('without a certificate are called what they are (%s)', (form) => {
    const [pem, key] = [file('c.pem', client.certificatePem), file('c.key', client.keyPem)];
    const made: readonly (readonly [string, readonly string[]])[] = [
      ['a private key', ['pkey', '-in', key, '-outform', form]],
      ['a private key', ['ec', '-in', key, '-outform', form]],
      ['a public key', ['pkey', '-in', key, '-pubout', '-outform', form]],
      ['a certification request', ['req', '-new', '-key', key, '-subj', '/CN=x', '-outform', form]],
      ['a PKCS#7 bundle', ['crl2pkcs7', '-nocrl', '-certfile', pem, '-outform', form]],
      ['a PKCS#12 bundle', ['pkcs12', '-export', '-inkey', key, '-in', pem, '-passout', 'pass:x']],
    ];
    for (const [kind, args] of made)
      expect(look(opensslBytes(args)).problems).toMatchObject([
        { code: 'certificate-missing', message: `"given" has no certificate but ${kind}` },
      ]);
  });

  it('are described: a subject with several parts, several names, foreign purposes', () => {
    const key = file('c.key', client.keyPem);
    const text = openssl([
      ...['req', '-x509', '-new', '-key', key, '-days', '1', '-utf8'],
      ...['-subj', '/C=DE/O=Müller & Söhne/CN=first/CN=second', '-set_serial', '0x00ab'],
      ...['-addext', 'subjectAltName=DNS:a.example.com,IP:192.0.2.1,DNS:*.example.com,email:a@example.com'],
      ...['-addext', 'extendedKeyUsage=clientAuth,1.2.3.4,codeSigning'],
    ]).stdout;
    expect(look(text).certificates).toMatchObject([
      {
        subject: 'second',
        issuer: 'second',
        serial: 'ab',
        names: ['a.example.com', '*.example.com'],
        extKeyUsage: ['clientAuth', '1.2.3.4', 'codeSigning'],
        selfSigned: true,
        isCA: true,
      },
    ]);
  });

  it('with a name that is its issuer, but another key, are not self-signed', () => {
    const key = file('c.key', client.keyPem);
    const ca = [file('ca.pem', authority.certificatePem), file('ca.key', authority.keyPem)];
    const request = openssl(['req', '-new', '-key', key, '-subj', '/CN=test authority', '-utf8']).stdout;
    const args = ['x509', '-req', '-CA', ca[0] ?? '', '-CAkey', ca[1] ?? '', '-days', '1'];
    expect(look(openssl(args, request).stdout).certificates).toMatchObject([
      { subject: 'test authority', issuer: 'test authority', selfSigned: false },
    ]);
  });
});
