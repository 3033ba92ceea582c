import { createHash } from 'node:crypto';
import type { Inventory, LedgerEvent, Moment } from '../../../src/provision/settings/types.ts';
import type { FingerprintSet } from '../../../src/x509/algorithms.ts';

function fingerprints(text: string): FingerprintSet {
  const print = (digest: string) =>
    createHash(digest)
      .update(text)
      .digest('hex')
      .toUpperCase()
      .replace(/(..)(?=.)/g, '$1:');
  return { sha1: print('sha1'), sha256: print('sha256'), sha384: print('sha384'), sha512: print('sha512') };
}

/** An event as the ledger has it, with made-up content where a certificate would be. */
export function issued(
  holder: string,
  serial: string,
  role: 'authority' | 'server' | 'client' = 'client',
): Extract<LedgerEvent, { event: 'issued' }> {
  return {
    at: '2026-05-01T10:00:00Z',
    event: 'issued',
    role,
    holder,
    serial,
    notBefore: '2026-05-01T09:55:00Z',
    notAfter: '2027-06-02T10:00:00Z',
    keyType: 'ec-p256',
    fingerprint: fingerprints(serial),
    publicKeyFingerprint: fingerprints(`key of ${serial}`),
    certificate: Buffer.from(serial).toString('base64'),
  };
}

export function happened(event: Moment, holder: string, serial: string, at = '2026-05-02T00:00:00Z'): LedgerEvent {
  return { at, event, holder, serial };
}

export const inventory: Inventory = {
  schema: 'certrelay/inventory@1',
  authority: { name: 'certrelay authority of s.example.com', keyType: 'ec-p256', days: 3650, constrain: [] },
  settings: {
    postfix: '3.7',
    clientPostfix: '2.10.1',
    clientOs: 'centos7',
    relayPort: 587,
    digest: 'sha256',
    keyType: 'rsa-2048',
    days: 397,
    tableType: 'texthash',
    policy: 'relay',
    unauthorized: 'defer',
    permitSasl: false,
    mynetworks: '127.0.0.0/8, [::1]/128',
    clientLevel: 'secure',
    pin: 'both',
    serverCert: 'internal',
    baseMainCf: 'compatibility_level = 3.6\nmydestination = $myhostname,\n  localhost\n',
    installDir: '/etc/postfix/certrelay',
  },
  servers: [{ name: 's.example.com' }],
  clients: [{ name: 'c.example.com' }, { name: 's.example.com' }],
};
