import { createHash } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { SubjectPublicKeyInfo } from '@peculiar/asn1-x509';
import type { Der } from './der.ts';

/** The SHA-1 of the key's bit string: a name for the key and no safeguard (RFC 5280, section 4.2.1.2, method 1). */
export function keyIdentifier(publicKey: Der): Der {
  const { subjectPublicKey } = AsnConvert.parse(publicKey, SubjectPublicKeyInfo);
  return Uint8Array.from(createHash('sha1').update(new Uint8Array(subjectPublicKey)).digest());
}
