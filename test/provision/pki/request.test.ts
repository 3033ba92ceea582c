import { describe, expect, it } from 'vitest';
import { issueFor } from '../../../src/provision/pki/issue.ts';
import { newKeyPair } from '../../../src/provision/pki/key-pair.ts';
import { profiles } from '../../../src/provision/pki/profiles.ts';
import { readRequest } from '../../../src/provision/pki/request.ts';
import { keyTypes } from '../../../src/x509/algorithms.ts';
import { toPem } from '../../../src/x509/pem.ts';
import { needs } from '../../needs.ts';
import { now, random, someAuthority } from './authorities.ts';
import { openssl, opensslBytes, scratch } from './openssl.ts';

const file = scratch();
const bytes = (text: string) => new TextEncoder().encode(text);

describe.skipIf(needs('openssl'))('a certification request that openssl made', () => {
  const request = (key: string, ...args: readonly string[]) =>
    opensslBytes(['req', '-new', '-key', key, '-subj', '/O=x/CN=c.example.com', ...args]);

  it.each(keyTypes)('with a key of type %s becomes a certificate', { timeout: 30_000 }, async (keyType) => {
    const keyPair = await newKeyPair(keyType);
    const key = file(`${keyType}.key`, toPem('PRIVATE KEY', keyPair.pkcs8));
    for (const form of ['PEM', 'DER']) {
      const read = await readRequest(request(key, '-outform', form), 'given');
      expect(read).toEqual({ publicKey: keyPair.publicKey, keyType, subject: 'c.example.com', names: [] });
    }
    const { authority, certificatePem } = await someAuthority();
    const { publicKey } = await readRequest(request(key), 'given');
    const issued = await issueFor(
      profiles.client,
      { name: 'c.example.com' },
      authority,
      { keyType, publicKey },
      { now, random },
    );
    const [ca, pem] = [file('ca.pem', certificatePem), file('c.pem', issued.certificatePem)];
    expect(openssl(['verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', ca, pem])).toMatchObject({
      status: 0,
    });
  });

  it('gives its names and no other wish', async () => {
    const key = file('c.key', toPem('PRIVATE KEY', (await newKeyPair('ec-p256')).pkcs8));
    const wishes = ['-addext', 'basicConstraints=CA:TRUE', '-addext', 'subjectAltName=DNS:a.example.com,IP:192.0.2.1'];
    const read = await readRequest(request(key, ...wishes), 'given');
    expect(Object.keys(read).sort()).toEqual(['keyType', 'names', 'publicKey', 'subject']);
    expect(read.names).toEqual(['a.example.com']);
  });

  it('is refused when anything in it was changed', async () => {
    const key = file('c.key', toPem('PRIVATE KEY', (await newKeyPair('ec-p256')).pkcs8));
    const der = request(key, '-outform', 'DER');
    const at = Buffer.from(der).indexOf('c.example.com');
    der[at] = 'd'.charCodeAt(0);
    await expect(readRequest(der, 'given')).rejects.toMatchObject({ problems: [{ code: 'request-signature' }] });
  });

  it('is refused for a weak key', async () => {
    const key = file('weak.key', openssl(['genpkey', '-algorithm', 'rsa', '-pkeyopt', 'rsa_keygen_bits:1024']).stdout);
    await expect(readRequest(request(key), 'given')).rejects.toMatchObject({
      problems: [{ code: 'request-weak-key' }],
    });
  });

  it('is refused when damaged, or when it is something else', async () => {
    const { certificatePem, keyPem } = await someAuthority();
    const pem = new TextDecoder().decode(request(file('ca.key', keyPem)));
    for (const [text, code, says] of [
      ['', 'request-missing', 'is empty'],
      [certificatePem, 'request-missing', 'but a certificate'],
      [keyPem, 'request-missing', 'but a private key'],
      ['prose', 'request-missing', 'is no certification request'],
      [pem.slice(0, 200), 'request-damaged', 'is damaged'],
      [pem.replace(/\n..../, '\n****'), 'request-damaged', 'is damaged'],
    ] as const)
      await expect(readRequest(bytes(text), 'given')).rejects.toMatchObject({
        exit: 'usage',
        problems: [{ code, message: expect.stringContaining(says) }],
      });
  });
});
