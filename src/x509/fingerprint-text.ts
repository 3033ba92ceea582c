/** Octets of each digest that Postfix sites use, by name as smtpd_tls_fingerprint_digest takes it. */
export const digestLengths: Readonly<Record<string, number>> = {
  md5: 16,
  sha1: 20,
  sha256: 32,
  sha384: 48,
  sha512: 64,
};

/** What a table's key is, when it should be a fingerprint. */
export type FingerprintShape =
  | { readonly kind: 'fingerprint'; readonly octets: number }
  /** Hexadecimal digits of a digest's length, but not in pairs with colons; `should` is how Postfix writes it. */
  | { readonly kind: 'other spelling'; readonly octets: number; readonly should: string }
  | { readonly kind: 'none' };

const octetCounts = new Set(Object.values(digestLengths));

/** Reads a key as a fingerprint; Postfix writes pairs of hexadecimal digits with colons (postconf(5)). */
export function fingerprintShape(key: string): FingerprintShape {
  if (/^[0-9a-f]{2}(?::[0-9a-f]{2})+$/i.test(key)) return { kind: 'fingerprint', octets: (key.length + 1) / 3 };
  // `SHA1 Fingerprint=12:34…`, as openssl(1) prints it, and other spellings that people paste.
  const digits = key
    .replace(/^.*=/, '')
    .replace(/^(?:md5|sha\d+):/i, '')
    .replace(/[:\s-]/g, '');
  if (!/^[0-9a-f]+$/i.test(digits) || !octetCounts.has(digits.length / 2)) return { kind: 'none' };
  return { kind: 'other spelling', octets: digits.length / 2, should: digits.toUpperCase().replace(/..(?=.)/g, '$&:') };
}

/** The digest whose fingerprints are as long as this one; undefined when none is. */
export function digestOfLength(fingerprint: string): string | undefined {
  const octets = fingerprint.replaceAll(':', '').length / 2;
  return Object.entries(digestLengths).find(([, length]) => length === octets)?.[0];
}

/** How to get a fingerprint that no log shows. */
export const seeCertificate =
  'on the server, run "postconf -e smtpd_tls_loglevel=2 && postfix reload", send one message, and explain the new log; or give the client\'s certificate with --cert FILE';
