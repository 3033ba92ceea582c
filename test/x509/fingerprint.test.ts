import { describe, expect, it } from 'vitest';
import { keyTypes } from '../../src/x509/algorithms.ts';
import { allFingerprints, fingerprint, shownDigests } from '../../src/x509/fingerprint.ts';
import { inspect } from '../../src/x509/inspect.ts';
import { needs } from '../needs.ts';
import { someAuthority } from '../provision/pki/authorities.ts';
import { openssl, opensslBytes, scratch } from '../provision/pki/openssl.ts';

const file = scratch();

describe('a fingerprint', () => {
  it('is written as Postfix writes it', () => {
    // The digests of the empty message, as published with the algorithms.
    expect(fingerprint('md5', new Uint8Array())).toBe('D4:1D:8C:D9:8F:00:B2:04:E9:80:09:98:EC:F8:42:7E');
    expect(fingerprint('sha1', new Uint8Array())).toBe('DA:39:A3:EE:5E:6B:4B:0D:32:55:BF:EF:95:60:18:90:AF:D8:07:09');
  });
});

describe.skipIf(needs('openssl'))('openssl computes the same fingerprints', () => {
  const compare = (name: string, certificate: string) => {
    const [facts] = inspect(new TextEncoder().encode(certificate), name).certificates;
    if (facts === undefined) throw new Error('no certificate');
    const pem = file(`${name}.pem`, certificate);
    const key = openssl(['x509', '-in', pem, '-pubkey', '-noout']).text;
    const publicKey = opensslBytes(['pkey', '-pubin', '-outform', 'DER'], key);
    for (const digest of shownDigests) {
      const ofCertificate = openssl(['x509', '-in', pem, '-noout', '-fingerprint', `-${digest}`]).text;
      expect(`${allFingerprints(facts.der)[digest]}\n`).toBe(ofCertificate.replace(/^.*=/, ''));
      const ofKey = openssl(['dgst', `-${digest}`, '-c'], publicKey).text;
      expect(`${allFingerprints(facts.publicKey)[digest]}\n`).toBe(ofKey.replace(/^.*= /, '').toUpperCase());
    }
  };

  it.each(keyTypes)('of a certificate with a key of type %s', { timeout: 30_000 }, async (keyType) => {
    compare(keyType, (await someAuthority({ keyType })).certificatePem);
  });

  it.each([
    ['ec-p521', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-521']],
    ['ec-explicit', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-pkeyopt', 'ec_param_enc:explicit']],
    ['rsa-1024', ['rsa', '-pkeyopt', 'rsa_keygen_bits:1024']],
    ['rsa-pss', ['rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048']],
    ['ed448', ['ed448']],
  ])('of a certificate that certrelay would not issue: %s', { timeout: 30_000 }, (name, [algorithm = '', ...args]) => {
    const key = file(`${name}.key`, openssl(['genpkey', '-quiet', '-algorithm', algorithm, ...args]).stdout);
    compare(name, openssl(['req', '-x509', '-new', '-key', key, '-subj', '/CN=x', '-days', '1']).stdout);
  });
});
