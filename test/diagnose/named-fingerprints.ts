import { type CertificatePool, withFingerprints } from '../kinds/differential/certificates.ts';

/**
 * Fingerprints of the pool in the place of their names: `@CERT:good:sha256@` and `@KEY:…@` as Postfix writes them,
 * `@BARE:…@` without colons, `@LOWER:…@` in lower case.
 */
export function namedFingerprints(text: string, pool: CertificatePool): string {
  const plain = text.replace(/@(BARE|LOWER):(\w+):(\w+)@/g, (_, spelling: string, name: string, digest: string) => {
    const fingerprint = pool.clients.find((each) => each.name === name)?.fingerprint[digest] ?? '';
    return spelling === 'BARE' ? fingerprint.replaceAll(':', '') : fingerprint.toLowerCase();
  });
  return withFingerprints(plain, pool);
}
