import { randomBytes } from 'node:crypto';
import { type AuthorityWish, type IssuedAuthority, issueAuthority } from '../../../src/provision/pki/authority.ts';

export const random = (bytes: number): Uint8Array => randomBytes(bytes);
/** Certificates are checked by programs that read the real clock. */
export const now = new Date();

/** An authority as most tests want it. */
export function someAuthority(wish: Partial<AuthorityWish> = {}): Promise<IssuedAuthority> {
  return issueAuthority({ name: 'test authority', keyType: 'ec-p256', now, random, ...wish });
}
