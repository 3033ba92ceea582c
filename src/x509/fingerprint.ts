import { createHash } from 'node:crypto';
import type { FingerprintSet } from './algorithms.ts';

/** Digests in which a fingerprint can be shown. md5 is what Postfix below 3.6 uses unless told otherwise: inspection only. */
export const shownDigests = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'] as const;
export type ShownDigest = (typeof shownDigests)[number];

/**
 * A fingerprint as Postfix logs and looks it up: upper-case hexadecimal pairs with colons (postconf(5),
 * smtpd_tls_fingerprint_digest). `der` is a whole certificate, or the SubjectPublicKeyInfo of its public key.
 */
export function fingerprint(digest: ShownDigest, der: Uint8Array): string {
  const hex = createHash(digest).update(der).digest('hex').toUpperCase();
  return hex.replace(/(..)(?=.)/g, '$1:');
}

/** The same in every digest that the inventory keeps. */
export function fingerprintSet(der: Uint8Array): FingerprintSet {
  return {
    sha1: fingerprint('sha1', der),
    sha256: fingerprint('sha256', der),
    sha384: fingerprint('sha384', der),
    sha512: fingerprint('sha512', der),
  };
}

/** Fingerprints in every digest that can be shown; md5 is missing where OpenSSL runs in FIPS mode and does without it. */
export type AllFingerprints = FingerprintSet & { readonly md5?: string };

/** The same in every digest that can be shown, the one for inspection last. */
export function allFingerprints(der: Uint8Array): AllFingerprints {
  const set = fingerprintSet(der);
  try {
    return { ...set, md5: fingerprint('md5', der) };
  } catch {
    return set;
  }
}
