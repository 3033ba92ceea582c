/** The key types of certificates that certrelay issues, such as `ec-p256`. */
export const keyTypes = ['ec-p256', 'ec-p384', 'rsa-2048', 'rsa-3072', 'rsa-4096', 'ed25519'] as const;
export type KeyType = (typeof keyTypes)[number];

/** The digests of fingerprints that certrelay lists, as `smtpd_tls_fingerprint_digest` names them (postconf(5)). */
export const digests = ['sha1', 'sha256', 'sha384', 'sha512'] as const;
export type Digest = (typeof digests)[number];

/** A fingerprint by each digest: upper-case hexadecimal octets with colons, such as `12:34:…:EF`. */
export type FingerprintSet = Readonly<Record<Digest, string>>;
