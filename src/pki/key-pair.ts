import type { webcrypto } from 'node:crypto';
import type { KeyType } from '../inventory/types.ts';
import { subtle } from './crypto.ts';
import { type KeyTypeRow, keyTypeRows } from './key-types.ts';

/** A private key with its public half. */
export interface KeyPair {
  /** One of the inventory's key types; of a key that was read, possibly the description of another. */
  readonly keyType: string;
  /** PKCS#8, DER, not encrypted. */
  readonly pkcs8: Uint8Array<ArrayBuffer>;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
}

/** Generates a key pair; randomness is WebCrypto's own. */
export async function newKeyPair(keyType: KeyType): Promise<KeyPair> {
  const { algorithm } = keyTypeRows[keyType];
  // A list of usages makes it a pair: single keys are for algorithms that certrelay does not use.
  const pair = (await subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  return {
    keyType,
    pkcs8: new Uint8Array(await subtle.exportKey('pkcs8', pair.privateKey)),
    publicKey: new Uint8Array(await subtle.exportKey('spki', pair.publicKey)),
  };
}

/** A private key in PKCS#8 made ready to sign. */
export async function signingKey(row: KeyTypeRow, pkcs8: Uint8Array<ArrayBuffer>): Promise<webcrypto.CryptoKey> {
  return subtle.importKey('pkcs8', pkcs8, row.algorithm, false, ['sign']);
}
