import { createPublicKey } from 'node:crypto';
import { type KeyType, keyTypes } from './algorithms.ts';

/** What WebCrypto and X.509 call one key type. Signatures use the hash that fits the strength of the signing key. */
export interface KeyTypeRow {
  readonly keyType: KeyType;
  /** WebCrypto's algorithm for generating, importing and signing. */
  readonly algorithm: {
    readonly name: 'ECDSA' | 'RSASSA-PKCS1-v1_5' | 'Ed25519';
    readonly hash?: 'SHA-256' | 'SHA-384';
    readonly namedCurve?: 'P-256' | 'P-384';
    readonly modulusLength?: number;
    readonly publicExponent?: Uint8Array<ArrayBuffer>;
  };
  /** Object identifier of the signature algorithm (RFC 5758, RFC 8017, RFC 8410). */
  readonly signature: string;
  /** RSA identifiers carry a NULL parameter (RFC 4055), the others carry none (RFC 5758, RFC 8410). */
  readonly nullParameter: boolean;
}

function rsa(keyType: KeyType, modulusLength: number): KeyTypeRow {
  return {
    keyType,
    algorithm: {
      name: 'RSASSA-PKCS1-v1_5',
      hash: 'SHA-256',
      modulusLength,
      publicExponent: Uint8Array.of(1, 0, 1),
    },
    signature: '1.2.840.113549.1.1.11',
    nullParameter: true,
  };
}

/** All key types certrelay issues. */
export const keyTypeRows: Readonly<Record<KeyType, KeyTypeRow>> = {
  'ec-p256': {
    keyType: 'ec-p256',
    algorithm: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
    signature: '1.2.840.10045.4.3.2',
    nullParameter: false,
  },
  'ec-p384': {
    keyType: 'ec-p384',
    algorithm: { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
    signature: '1.2.840.10045.4.3.3',
    nullParameter: false,
  },
  'rsa-2048': rsa('rsa-2048', 2048),
  'rsa-3072': rsa('rsa-3072', 3072),
  'rsa-4096': rsa('rsa-4096', 4096),
  ed25519: {
    keyType: 'ed25519',
    algorithm: { name: 'Ed25519' },
    signature: '1.3.101.112',
    nullParameter: false,
  },
};

const curves: Readonly<Record<string, string>> = { prime256v1: 'ec-p256', secp384r1: 'ec-p384' };

/**
 * The type of a public key in the words of the inventory (`ec-p256`, `rsa-2048`, …), also for keys that certrelay does
 * not issue (`rsa-1024`, `ec-secp521r1`); `unknown` when this Node cannot read the key at all.
 */
export function describeKeyType(publicKey: Uint8Array): string {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
    const details = key.asymmetricKeyDetails;
    if (key.asymmetricKeyType === 'ec') {
      const curve = details?.namedCurve ?? 'explicit';
      return curves[curve] ?? `ec-${curve}`;
    }
    if (key.asymmetricKeyType === 'rsa' || key.asymmetricKeyType === 'rsa-pss')
      return `${key.asymmetricKeyType}-${details?.modulusLength ?? 0}`;
    return key.asymmetricKeyType ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

/**
 * The row by which a key of this type signs, or undefined when certrelay does not sign with such keys. An authority
 * from elsewhere may have an RSA key of any size from 2048 bits on: the size does not change how it signs.
 */
export function signingRow(described: string): KeyTypeRow | undefined {
  const bits = /^rsa-(\d+)$/.exec(described)?.[1];
  if (bits !== undefined) return Number(bits) >= 2048 ? keyTypeRows['rsa-2048'] : undefined;
  return keyTypes.map((keyType) => keyTypeRows[keyType]).find(({ keyType }) => keyType === described);
}
