import type { webcrypto } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  type Extension,
  Extensions,
  type Name,
  type SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';
import { subtle, x509 } from './crypto.ts';
import { element, tags } from './der.ts';
import type { KeyTypeRow } from './key-types.ts';
import type { Period } from './period.ts';

/** A key that signs certificates, with what its signatures are called. */
export interface Signer {
  readonly row: KeyTypeRow;
  readonly key: webcrypto.CryptoKey;
}

/** Everything that a certificate says, short of the signature. */
export interface Content {
  /** Contents of a DER INTEGER. */
  readonly serial: Uint8Array<ArrayBuffer>;
  readonly issuer: Name;
  readonly subject: Name;
  readonly period: Period;
  readonly publicKey: SubjectPublicKeyInfo;
  readonly extensions: readonly Extension[];
}

const ecdsa = new x509.AsnEcSignatureFormatter();
const derNull = Uint8Array.of(5, 0).buffer;

/**
 * Signs an X.509 v3 certificate and returns its DER.
 *
 * X509CertificateGenerator does the same, but serializes and parses every part several times over; in a fleet of
 * thousands that is three times the cost of the signatures themselves. Here each part is encoded once.
 */
export async function signCertificate(content: Content, signer: Signer): Promise<Uint8Array<ArrayBuffer>> {
  const { row } = signer;
  const signature = new AlgorithmIdentifier({
    algorithm: row.signature,
    ...(row.nullParameter ? { parameters: derNull } : {}),
  });
  const tbs = AsnConvert.serialize(
    new TBSCertificate({
      version: Version.v3,
      serialNumber: content.serial.buffer,
      signature,
      issuer: content.issuer,
      validity: new Validity(content.period),
      subject: content.subject,
      subjectPublicKeyInfo: content.publicKey,
      extensions: new Extensions([...content.extensions]),
    }),
  );
  const raw = await subtle.sign(row.algorithm, signer.key, tbs);
  const value = ecdsa.toAsnSignature(row.algorithm, raw) ?? raw;
  return element(
    tags.sequence,
    new Uint8Array(tbs),
    new Uint8Array(AsnConvert.serialize(signature)),
    // The first octet of a bit string counts its unused bits.
    element(tags.bitString, Uint8Array.of(0), new Uint8Array(value)),
  );
}
