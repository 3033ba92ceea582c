import { createHash, X509Certificate } from 'node:crypto';
import { readBytes } from '../../lib/files/read.ts';
import { usage } from '../../lib/problem.ts';

/** A client certificate as scenarios describe it. */
export interface GivenCertificate {
  readonly subject: string;
  readonly issuer: string;
  readonly fingerprint: Readonly<Record<string, string>>;
  readonly publicKeyFingerprint: Readonly<Record<string, string>>;
}

const digests = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'];

/** Reads the first certificate of a PEM file, or a DER file. Throws a CertrelayError. */
export function readCertificate(path: string): GivenCertificate {
  const bytes = readBytes(path);
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(bytes);
  } catch {
    throw usage('certificate-unreadable', `"${path}" holds no certificate`, 'give a certificate as PEM or DER');
  }
  return {
    subject: commonName(certificate.subject),
    issuer: commonName(certificate.issuer),
    fingerprint: fingerprints(certificate.raw),
    publicKeyFingerprint: fingerprints(certificate.publicKey.export({ type: 'spki', format: 'der' })),
  };
}

function fingerprints(bytes: Uint8Array): Record<string, string> {
  const found: Record<string, string> = {};
  for (const digest of digests) {
    try {
      const hex = createHash(digest).update(bytes).digest('hex').toUpperCase();
      found[digest] = hex.replace(/..(?=.)/g, '$&:');
    } catch {
      // An OpenSSL in FIPS mode has no md5; what is left out is asked for only where it decides.
    }
  }
  return found;
}

function commonName(name: string | undefined): string {
  return /^CN=(.*)$/m.exec(name ?? '')?.[1] ?? '';
}
