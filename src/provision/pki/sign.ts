import type { webcrypto } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';
import { subtle, x509 } from '../../x509/crypto.ts';
import { type Der, element, tags } from '../../x509/der.ts';
import type { KeyTypeRow } from '../../x509/key-types.ts';
import { type Period, validity } from './period.ts';

/** A key that signs certificates, with what its signatures are called. */
export interface Signer {
  readonly row: KeyTypeRow;
  readonly key: webcrypto.CryptoKey;
  /** AlgorithmIdentifier. */
  readonly algorithm: Der;
}

const derNull = Uint8Array.of(5, 0).buffer;

/** A signer of a row's kind. */
export function signer(row: KeyTypeRow, key: webcrypto.CryptoKey): Signer {
  const identifier = { algorithm: row.signature, ...(row.nullParameter ? { parameters: derNull } : {}) };
  return { row, key, algorithm: new Uint8Array(AsnConvert.serialize(new AlgorithmIdentifier(identifier))) };
}

/** Everything that a certificate says, short of the signature; the parts that are not told otherwise are DER. */
export interface Content {
  /** Contents of an INTEGER. */
  readonly serial: Uint8Array;
  readonly issuer: Der;
  readonly subject: Der;
  readonly period: Period;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Der;
  readonly extensions: readonly Der[];
}

const ecdsa = new x509.AsnEcSignatureFormatter();
/** Version 3, written as 2 (RFC 5280, section 4.1.2.1). */
const version3 = element(tags.explicit0, element(tags.integer, Uint8Array.of(2)));

/**
 * Signs an X.509 certificate and returns its DER.
 *
 * X509CertificateGenerator does the same, but serializes and parses every part several times over: for each certificate
 * of a fleet three times the cost of its signature. Here the parts arrive encoded, most of them once for all.
 */
export async function signCertificate(
  content: Content,
  { row, key, algorithm }: Signer,
): Promise<Uint8Array<ArrayBuffer>> {
  const tbs = element(
    tags.sequence,
    version3,
    element(tags.integer, content.serial),
    algorithm,
    content.issuer,
    validity(content.period),
    content.subject,
    content.publicKey,
    element(tags.explicit3, element(tags.sequence, ...content.extensions)),
  );
  const raw = await subtle.sign(row.algorithm, key, tbs);
  const signature = new Uint8Array(ecdsa.toAsnSignature(row.algorithm, raw) ?? raw);
  // The first octet of a bit string counts its unused bits.
  return element(tags.sequence, tbs, algorithm, element(tags.bitString, Uint8Array.of(0), signature));
}
