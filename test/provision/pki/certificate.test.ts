import { X509Certificate } from 'node:crypto';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { issue } from '../../../src/provision/pki/issue.ts';
import { newKeyPair } from '../../../src/provision/pki/key-pair.ts';
import { period } from '../../../src/provision/pki/period.ts';
import { profiles } from '../../../src/provision/pki/profiles.ts';
import { newSerial, serialHex } from '../../../src/provision/pki/serial.ts';
import { certificateFacts } from '../../../src/x509/inspect.ts';
import { issueMany } from '../../bench/issue-many.ts';
import { needs } from '../../needs.ts';
import { now, random, someAuthority } from './authorities.ts';
import { openssl, scratch } from './openssl.ts';

const file = scratch();
const leaf = { keyType: 'ec-p256', now, random } as const;
const day = 86_400_000;

describe('a leaf', () => {
  it('never outlives its authority, and says when it was cut', async () => {
    const { authority } = await someAuthority({ days: 30 });
    const cut = await issue(profiles.client, { name: 'c.example.com' }, authority, leaf);
    expect(cut).toMatchObject({ clamped: true, facts: { notAfter: authority.facts.notAfter } });
    const whole = await issue(profiles.client, { name: 'c.example.com' }, authority, { ...leaf, days: 30 });
    expect(whole.clamped).toBe(false);
    const late = new Date(now.getTime() + 31 * day);
    const refused = issue(profiles.client, { name: 'c.example.com' }, authority, { ...leaf, now: late });
    await expect(refused).rejects.toMatchObject({ exit: 'usage', problems: [{ code: 'authority-expired' }] });
  });

  it('keeps a key that is given', async () => {
    const { authority } = await someAuthority();
    const keyPair = await newKeyPair('ec-p384');
    const [one, two] = [
      await issue(profiles.server, { name: 's.example.com' }, authority, { now, random, keyPair }),
      await issue(profiles.server, { name: 's.example.com' }, authority, { now, random, keyPair }),
    ];
    expect(one.keyPem).toBe(two.keyPem);
    expect(one.facts.publicKeyFingerprint).toEqual(two.facts.publicKeyFingerprint);
    expect(one.facts.serial).not.toBe(two.facts.serial);
    expect(one.facts.keyType).toBe('ec-p384');
  });

  it('has each of its names once', async () => {
    const { authority } = await someAuthority();
    const extraNames = ['mx.example.com', 's.example.com'];
    const { facts } = await issue(profiles.server, { name: 's.example.com', extraNames }, authority, leaf);
    expect(certificateFacts(facts.der)?.names).toEqual(['s.example.com', 'mx.example.com']);
  });

  it('is signed by its authority, hundreds of times over', async () => {
    // The halves of an ECDSA signature begin with a zero octet once in 256 times and must then be shortened.
    for (const keyType of ['ec-p256', 'ec-p384'] as const) {
      const { authority } = await someAuthority({ keyType });
      const key = new X509Certificate(authority.certificatePem).publicKey;
      const holders = Array.from({ length: 300 }, (_, index) => ({ name: `c${index}.example.com` }));
      for await (const { certificatePem } of issueMany(profiles.client, holders, authority, leaf))
        expect(new X509Certificate(certificatePem).verify(key)).toBe(true);
    }
  });
});

describe.skipIf(needs('openssl'))('the text that openssl prints of a certificate', () => {
  const textOf = async (role: 'server' | 'client', name: string) => {
    const { authority, certificatePem } = await someAuthority();
    const issued = await issue(profiles[role], { name }, authority, leaf);
    const pem = file(`${role}.pem`, issued.certificatePem);
    const ca = file('ca.pem', certificatePem);
    expect(openssl(['verify', '-x509_strict', '-purpose', `ssl${role}`, '-CAfile', ca, pem])).toMatchObject({
      status: 0,
    });
    return { issued, text: openssl(['x509', '-in', pem, '-noout', '-text', '-nameopt', 'multiline,show_type']).text };
  };

  it.each([
    ['client', 'TLS Web Client Authentication'],
    ['server', 'TLS Web Server Authentication'],
  ] as const)('has the fields of a %s', async (role, purpose) => {
    const { text, issued } = await textOf(role, `${role}.example.com`);
    for (const part of [
      'Version: 3 (0x2)',
      'ecdsa-with-SHA256',
      `commonName                = UTF8STRING:${role}.example.com`,
      'X509v3 Basic Constraints: critical\n                CA:FALSE',
      'X509v3 Key Usage: critical\n                Digital Signature\n',
      `X509v3 Extended Key Usage: \n                ${purpose}\n`,
      `X509v3 Subject Alternative Name: \n                DNS:${role}.example.com\n`,
      'X509v3 Subject Key Identifier',
      'X509v3 Authority Key Identifier',
      `${issued.facts.serial.replace(/(..)(?=.)/g, '$1:')}\n`,
    ])
      expect(text).toContain(part);
  });

  it('has the fields of an authority', async () => {
    const { certificatePem } = await someAuthority({ constrain: ['example.com'] });
    const { text } = openssl(['x509', '-in', file('ca.pem', certificatePem), '-noout', '-text']);
    for (const part of [
      'X509v3 Basic Constraints: critical\n                CA:TRUE, pathlen:0',
      'X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign\n',
      'X509v3 Name Constraints: critical\n                Permitted:\n                  DNS:example.com\n',
    ])
      expect(text).toContain(part);
    expect(text).not.toContain('Extended Key Usage');
  });

  it('has an empty subject and a critical SAN for a name that is no common name', async () => {
    const name = `${'long-label-'.repeat(5)}a.${'b'.repeat(20)}.example.com`;
    const { text, issued } = await textOf('server', name);
    expect(issued.facts).toMatchObject({ subject: '', names: [name] });
    expect(certificateFacts(issued.facts.der)).toEqual(issued.facts);
    expect(text).toContain(`X509v3 Subject Alternative Name: critical\n                DNS:${name}\n`);
  });

  it('has UTCTime through 2049 and GeneralizedTime after', async () => {
    const { certificatePem } = await someAuthority({ days: 36_500 });
    const { text } = openssl(['asn1parse', '-in', file('long.pem', certificatePem)]);
    expect(text).toMatch(/UTCTIME +:\d{12}Z\n.*GENERALIZEDTIME +:\d{14}Z\n/);
  });
});

describe('a serial number', () => {
  const octets = fc.uint8Array({ minLength: 16, maxLength: 16 }).filter((bytes) => bytes.some((octet) => octet !== 0));

  test.prop([octets])('is the same positive number, in as few octets as DER wants', (bytes) => {
    const serial = newSerial(() => bytes);
    expect(BigInt(`0x${Buffer.from(serial).toString('hex')}`)).toBe(BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
    expect(serial[0]).toBeLessThan(0x80);
    expect(serial.length > 1 && serial[0] === 0 && (serial[1] ?? 0) < 0x80).toBe(false);
    expect(serialHex(serial)).toMatch(/^([0-9a-f]{2})+$/);
    expect(BigInt(`0x${serialHex(serial)}`)).toBe(BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
  });

  it('is never the same twice', () => {
    const serials = Array.from({ length: 10_000 }, () => serialHex(newSerial(random)));
    expect(new Set(serials).size).toBe(serials.length);
    expect(serials.filter((serial) => serial.length === 32).length).toBeGreaterThan(9_900);
  });

  it('is not made of a broken source', () => {
    expect(() => newSerial((bytes) => new Uint8Array(bytes))).toThrow('randomness');
    expect(() => newSerial(() => Uint8Array.of(1, 2))).toThrow('randomness');
  });
});

describe('a period', () => {
  const dates = fc.date({ min: new Date('2000-01-01'), max: new Date('2200-01-01'), noInvalidDate: true });

  test.prop([dates, fc.integer({ min: 1, max: 40_000 }), dates])(
    'lies within its limit, in whole seconds',
    (at, days, limit) => {
      fc.pre(limit.getTime() > at.getTime());
      const whole = new Date(Math.floor(limit.getTime() / 1000) * 1000);
      fc.pre(whole.getTime() > at.getTime());
      const { notBefore, notAfter, clamped } = period(at, days, whole);
      expect(notBefore.getTime() % 1000).toBe(0);
      expect(notAfter.getTime() % 1000).toBe(0);
      expect(notAfter.getTime()).toBeLessThanOrEqual(whole.getTime());
      expect(clamped).toBe(Math.floor(at.getTime() / 1000) * 1000 + days * day > whole.getTime());
      expect(at.getTime() - notBefore.getTime()).toBeGreaterThanOrEqual(300_000);
    },
  );
});
