import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { issueAuthority } from '../../../src/provision/pki/authority.ts';
import { issue } from '../../../src/provision/pki/issue.ts';
import { profiles } from '../../../src/provision/pki/profiles.ts';
import { keyTypes } from '../../../src/x509/algorithms.ts';
import { certificateFacts } from '../../../src/x509/inspect.ts';
import { needs } from '../../needs.ts';
import { openssl, scratch } from './openssl.ts';

const random = (bytes: number) => randomBytes(bytes);
const now = new Date();
const file = scratch();
const verify = (...args: readonly string[]) => openssl(['verify', '-x509_strict', ...args]);

const signatures = {
  'ec-p256': 'ecdsa-with-SHA256',
  'ec-p384': 'ecdsa-with-SHA384',
  'rsa-2048': 'sha256WithRSAEncryption',
  'rsa-3072': 'sha256WithRSAEncryption',
  'rsa-4096': 'sha256WithRSAEncryption',
  ed25519: 'ED25519',
} as const;

describe.skipIf(needs('openssl'))('openssl verifies what is issued', () => {
  for (const keyType of keyTypes) {
    it(`${keyType} as authority and leaf`, { timeout: 60_000 }, async () => {
      const { authority, certificatePem } = await issueAuthority({ name: 'test authority', keyType, now, random });
      const ca = file(`${keyType}-ca.pem`, certificatePem);
      expect(verify('-CAfile', ca, ca)).toMatchObject({ status: 0 });
      for (const [role, good, bad] of [
        ['server', 'sslserver', 'sslclient'],
        ['client', 'sslclient', 'sslserver'],
      ] as const) {
        const issued = await issue(profiles[role], { name: `${role}.example.com` }, authority, {
          keyType,
          now,
          random,
        });
        const leaf = file(`${keyType}-${role}.pem`, issued.certificatePem);
        expect(verify('-purpose', good, '-verify_hostname', `${role}.example.com`, '-CAfile', ca, leaf)).toMatchObject({
          status: 0,
        });
        expect(verify('-purpose', bad, '-CAfile', ca, leaf)).toMatchObject({
          status: 2,
          text: expect.stringMatching(/unsuitable certificate purpose/i),
        });
        expect(certificateFacts(issued.facts.der)).toEqual(issued.facts);
        const text = openssl(['x509', '-in', leaf, '-noout', '-text']).text;
        expect(text.match(/Signature Algorithm: (.*)/g)).toEqual(
          [1, 2].map(() => `Signature Algorithm: ${signatures[keyType]}`),
        );
        const key = file(`${keyType}-${role}.key`, issued.keyPem);
        expect(openssl(['pkey', '-in', key, '-pubout']).text).toBe(
          openssl(['x509', '-in', leaf, '-pubkey', '-noout']).text,
        );
      }
    });
  }

  it.each([
    ['ed25519', 'rsa-2048'],
    ['rsa-2048', 'ed25519'],
    ['ec-p384', 'ec-p256'],
    ['ec-p256', 'ec-p384'],
  ] as const)('an authority with %s and a leaf with %s', { timeout: 60_000 }, async (above, below) => {
    const { authority, certificatePem } = await issueAuthority({ name: 'mixed', keyType: above, now, random });
    const options = { keyType: below, now, random };
    const issued = await issue(profiles.client, { name: 'c.example.com' }, authority, options);
    const [ca, leaf] = [file('mixed-ca.pem', certificatePem), file('mixed.pem', issued.certificatePem)];
    expect(verify('-purpose', 'sslclient', '-CAfile', ca, leaf)).toMatchObject({ status: 0 });
    expect(openssl(['x509', '-in', leaf, '-noout', '-text']).text).toContain(`Algorithm: ${signatures[above]}\n`);
  });
});
