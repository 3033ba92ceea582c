import { createECDH } from 'node:crypto';
import { contents, type Der, element, elementLength, objectIdentifier, tags } from '../../x509/der.ts';
import { readPem } from '../../x509/pem.ts';

/** A curve by the octets of its object identifier: what Node calls it, and how many octets a private key has. */
const curves = [
  { identifier: objectIdentifier('1.2.840.10045.3.1.7'), name: 'prime256v1', octets: 32 },
  { identifier: objectIdentifier('1.3.132.0.34'), name: 'secp384r1', octets: 48 },
] as const;
const ecPublicKey = objectIdentifier('1.2.840.10045.2.1');
const rsaEncryption = objectIdentifier('1.2.840.113549.1.1.1');

/**
 * The SubjectPublicKeyInfo of a private key in an unencrypted PKCS#8 PEM, for the kinds of keys that fleets have: EC on P-256
 * and P-384, and RSA. Undefined for every other form, of which `readPrivateKey` knows more.
 *
 * OpenSSL takes a millisecond and a half for the same, which is fifteen seconds for ten thousand hosts: it also checks
 * what matters only to one who signs. Here the point is worked out from the private key, so that a file whose two
 * halves disagree is found; of an RSA key modulus and exponent are taken as they stand.
 */
export function quickPublicKey(text: string): Der | undefined {
  const block = readPem(text).find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (block?.label !== 'PRIVATE KEY' || block.der === undefined) return undefined;
  try {
    const [, algorithm, key] = members(block.der);
    if (algorithm === undefined || key?.[0] !== tags.octetString) return undefined;
    const [kind, parameter] = members(algorithm);
    if (kind === undefined) return undefined;
    const inner = members(contents(key));
    if (isSame(kind, rsaEncryption)) return rsa(algorithm, inner);
    return isSame(kind, ecPublicKey) ? ec(algorithm, parameter, inner) : undefined;
  } catch {
    // Not the structure that it looked like.
    return undefined;
  }
}

/** RSAPrivateKey (RFC 8017, appendix A.1.2): version, modulus, public exponent, and what only its owner needs. */
function rsa(algorithm: Uint8Array, [, modulus, exponent]: readonly Uint8Array[]): Der | undefined {
  if (modulus === undefined || exponent === undefined) return undefined;
  return publicKeyInfo(algorithm, element(tags.sequence, modulus, exponent));
}

/** ECPrivateKey (RFC 5915, section 3): version, the private key, and possibly more. */
function ec(
  algorithm: Uint8Array,
  parameter: Uint8Array | undefined,
  [, secret]: readonly Uint8Array[],
): Der | undefined {
  const curve = curves.find(({ identifier }) => parameter !== undefined && isSame(parameter, identifier));
  if (curve === undefined || secret?.[0] !== tags.octetString) return undefined;
  const scalar = contents(secret);
  if (scalar.length !== curve.octets) return undefined;
  const exchange = createECDH(curve.name);
  exchange.setPrivateKey(scalar);
  return publicKeyInfo(algorithm, Uint8Array.from(exchange.getPublicKey()));
}

/** RFC 5280, section 4.1: the algorithm, and the key as a bit string without unused bits. */
function publicKeyInfo(algorithm: Uint8Array, key: Uint8Array): Der {
  return element(tags.sequence, algorithm, element(tags.bitString, Uint8Array.of(0), key));
}

/** The elements of a sequence, each with its header. */
function members(sequence: Uint8Array): readonly Uint8Array[] {
  if (sequence[0] !== tags.sequence) throw new Error('not a sequence');
  const found: Uint8Array[] = [];
  for (let rest = contents(sequence); rest.length > 0; ) {
    const length = elementLength(rest);
    if (length === undefined || length > rest.length) throw new Error('a member is cut short');
    found.push(rest.subarray(0, length));
    rest = rest.subarray(length);
  }
  return found;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
