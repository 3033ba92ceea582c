import type { FingerprintSet } from './algorithms.ts';

/** What a certificate says, as inventory, maps and reports need it. */
export interface CertificateFacts {
  /** The subject's common name as it stands in the certificate; empty when there is none. */
  readonly subject: string;
  /** The subjectAltName's host names. */
  readonly names: readonly string[];
  /** The issuer's common name, or its whole distinguished name when it has none. */
  readonly issuer: string;
  /** Lower-case hexadecimal without separators. */
  readonly serial: string;
  /** ISO 8601 in UTC, without fractions of a second. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** One of the inventory's key types, or the description of another (`rsa-1024`). */
  readonly keyType: string;
  /** Names (`serverAuth`, `clientAuth`) or object identifiers; empty when the extension is absent: any purpose. */
  readonly extKeyUsage: readonly string[];
  readonly isCA: boolean;
  /** Issuer and subject are the same name, and the signature was made with the certificate's own key. */
  readonly selfSigned: boolean;
  readonly fingerprint: FingerprintSet;
  readonly publicKeyFingerprint: FingerprintSet;
  /** The certificate itself. */
  readonly der: Uint8Array<ArrayBuffer>;
  /** Its SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
}

const purposes: Readonly<Record<string, string>> = {
  '2.5.29.37.0': 'anyExtendedKeyUsage',
  '1.3.6.1.5.5.7.3.1': 'serverAuth',
  '1.3.6.1.5.5.7.3.2': 'clientAuth',
  '1.3.6.1.5.5.7.3.3': 'codeSigning',
  '1.3.6.1.5.5.7.3.4': 'emailProtection',
  '1.3.6.1.5.5.7.3.8': 'timeStamping',
  '1.3.6.1.5.5.7.3.9': 'OCSPSigning',
};

/** The name of a purpose in extKeyUsage (RFC 5280, section 4.2.1.12), or its object identifier. */
export function purposeName(oid: string): string {
  return purposes[oid] ?? oid;
}
