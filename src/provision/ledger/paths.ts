import type { CertificateState } from './ledger-state.ts';

/** Where things lie below the state's folder. */
export const authorityKeyPath = 'ca/cakey.pem';
export const authorityCertificatePath = 'ca/cacert.pem';

/** A file of one host's folder. */
export function hostPath(host: string, file: string): string {
  return `hosts/${host}/${file}`;
}

type Named = Pick<CertificateState, 'role' | 'holder' | 'publicKeyFingerprint'>;

/**
 * Where a new key waits until its certificate is handed over. The name tells whose key it is, so that one that no certificate
 * belongs to is known for what an interrupted run left, even when it is encrypted.
 */
export function nextKeyPath(certificate: Named): string {
  return certificate.role === 'authority'
    ? `ca/next/${keyName(certificate)}.pem`
    : `next/${certificate.holder}/${certificate.role}-${keyName(certificate)}.key`;
}

/** Where the key of an authority that issues no more is kept until the authority is retired. */
export function formerKeyPath(authority: Named): string {
  return `ca/former/${keyName(authority)}.pem`;
}

function keyName({ publicKeyFingerprint }: Named): string {
  return publicKeyFingerprint.sha256.replaceAll(':', '').slice(0, 16).toLowerCase();
}
