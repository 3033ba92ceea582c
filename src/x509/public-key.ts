import { createHash } from 'node:crypto';
import { contents, type Der, elementLength } from './der.ts';

/** The SHA-1 of the key's bit string: a name for the key and no safeguard (RFC 5280, section 4.2.1.2, method 1). */
export function keyIdentifier(publicKey: Der): Der {
  // A SubjectPublicKeyInfo has two members, the algorithm and the bit string, whose first octet counts unused bits.
  const members = contents(publicKey);
  const bitString = members.subarray(elementLength(members));
  return Uint8Array.from(createHash('sha1').update(contents(bitString).subarray(1)).digest());
}
