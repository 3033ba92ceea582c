import { expect, it, vi } from 'vitest';
import { allFingerprints } from '../../src/pki/fingerprint.ts';

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  return {
    ...crypto,
    createHash(algorithm: string) {
      if (algorithm === 'md5') throw new Error('error:0308010C:digital envelope routines::unsupported');
      return crypto.createHash(algorithm);
    },
  };
});

it('fingerprints do without md5 where OpenSSL has none', () => {
  expect(Object.keys(allFingerprints(Uint8Array.of(1)))).toEqual(['sha1', 'sha256', 'sha384', 'sha512']);
});
