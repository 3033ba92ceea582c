import { afterAll, expect, it, vi } from 'vitest';

// Modules are shared by the files that a worker runs: here they are read anew, and again when this is over.
afterAll(() => {
  vi.doUnmock('node:crypto');
  vi.resetModules();
});

it('fingerprints do without md5 where OpenSSL has none', async () => {
  vi.resetModules();
  vi.doMock('node:crypto', async (original) => {
    const crypto = await original<typeof import('node:crypto')>();
    return {
      ...crypto,
      createHash(algorithm: string) {
        if (algorithm === 'md5') throw new Error('error:0308010C:digital envelope routines::unsupported');
        return crypto.createHash(algorithm);
      },
    };
  });
  const { allFingerprints } = await import('../../src/x509/fingerprint.ts');
  expect(Object.keys(allFingerprints(Uint8Array.of(1)))).toEqual(['sha1', 'sha256', 'sha384', 'sha512']);
});
