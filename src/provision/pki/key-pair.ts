import { generateKeyPair, type webcrypto } from 'node:crypto';
import type { KeyType } from '../../x509/algorithms.ts';
import { subtle } from '../../x509/crypto.ts';
import { type KeyTypeRow, keyTypeRows } from '../../x509/key-types.ts';
import type { KeyPair } from '../../x509/private-key.ts';

const encodings = {
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'der' },
} as const;

/** Generates a key pair, on another thread; randomness is OpenSSL's own. */
export function newKeyPair(keyType: KeyType): Promise<KeyPair> {
  const { namedCurve, modulusLength } = keyTypeRows[keyType].algorithm;
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, publicKey: Buffer, pkcs8: Buffer): void => {
      if (error === null) resolve({ keyType, pkcs8: new Uint8Array(pkcs8), publicKey: new Uint8Array(publicKey) });
      else reject(error);
    };
    if (namedCurve !== undefined) generateKeyPair('ec', { namedCurve, ...encodings }, done);
    else if (modulusLength !== undefined) generateKeyPair('rsa', { modulusLength, ...encodings }, done);
    else generateKeyPair('ed25519', encodings, done);
  });
}

/** A private key in PKCS#8 made ready to sign. */
export async function signingKey(row: KeyTypeRow, pkcs8: Uint8Array<ArrayBuffer>): Promise<webcrypto.CryptoKey> {
  return subtle.importKey('pkcs8', pkcs8, row.algorithm, false, ['sign']);
}
