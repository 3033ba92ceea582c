import { id_kp_clientAuth, id_kp_serverAuth, KeyUsageFlags } from '@peculiar/asn1-x509';
import { renewAfter } from '../ledger/renewal.ts';

export type Role = 'authority' | 'server' | 'client';

/** What distinguishes the certificates of one role (RFC 5280, section 4.2.1). */
export interface Profile {
  readonly role: Role;
  /** Lifetime in days when none is asked for. */
  readonly days: number;
  /** The part of the lifetime after which renewal is due. */
  readonly renewAfter: number;
  readonly keyUsage: number;
  /** Object identifiers; empty: no extKeyUsage extension. */
  readonly extKeyUsage: readonly string[];
  /** Present: a CA certificate that may have so many issuing CAs below it. */
  readonly pathLength?: number;
}

/**
 * The authority has no extKeyUsage: OpenSSL applies one to everything below it, and both purposes are wanted.
 * A leaf serves one purpose only, for a client certificate that is also good for a server can pose as the relay.
 * RSA servers do without keyEncipherment: it serves only the key exchange without forward secrecy.
 */
export const profiles = {
  authority: {
    role: 'authority',
    days: 3650,
    renewAfter,
    keyUsage: KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign,
    extKeyUsage: [],
    pathLength: 0,
  },
  server: {
    role: 'server',
    days: 397,
    renewAfter,
    keyUsage: KeyUsageFlags.digitalSignature,
    extKeyUsage: [id_kp_serverAuth],
  },
  client: {
    role: 'client',
    days: 397,
    renewAfter,
    keyUsage: KeyUsageFlags.digitalSignature,
    extKeyUsage: [id_kp_clientAuth],
  },
} as const satisfies Readonly<Record<Role, Profile>>;
