import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { usage } from '../lib/problem.ts';
import { encryptPrivateKey } from './encrypted-key.ts';
import { describeKeyType } from './key-types.ts';
import { readPem, toPem } from './pem.ts';

/** A private key with its public half. */
export interface KeyPair {
  /** One of the inventory's key types; of a key that was read, possibly the description of another. */
  readonly keyType: string;
  /** PKCS#8, DER, not encrypted. */
  readonly pkcs8: Uint8Array<ArrayBuffer>;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
}

/** With what a key is to be encrypted. */
export interface Encryption {
  readonly passphrase: string;
  readonly random: (bytes: number) => Uint8Array;
}

/** A private key as PEM: PKCS#8, encrypted when a passphrase is given. */
export async function privateKeyPem(pkcs8: Uint8Array<ArrayBuffer>, encryption?: Encryption): Promise<string> {
  if (encryption === undefined) return toPem('PRIVATE KEY', pkcs8);
  const encrypted = await encryptPrivateKey(pkcs8, encryption.passphrase, encryption.random);
  return toPem('ENCRYPTED PRIVATE KEY', encrypted);
}

/** Whether a PEM text has a private key that needs a passphrase. */
export function isEncrypted(text: string): boolean {
  const block = readPem(text).find(({ label }) => label.endsWith('PRIVATE KEY'));
  return block?.label === 'ENCRYPTED PRIVATE KEY' || block?.fault === 'encapsulated-header';
}

/**
 * Reads the first private key of a PEM text: PKCS#8, plain or encrypted, or the older forms of OpenSSL (PKCS#1, SEC1).
 * `file` is named in messages; neither the key nor the passphrase ever is.
 * @throws CertrelayError (usage): no key, a damaged key, a passphrase missing or wrong.
 */
export function readPrivateKey(text: string, file: string, passphrase?: string): KeyPair {
  const block = readPem(text).find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (block === undefined)
    throw usage(
      'key-missing',
      `"${file}" has no private key in PEM form`,
      'it begins with a line -----BEGIN PRIVATE KEY-----, or ENCRYPTED or EC or RSA before PRIVATE',
    );
  const encrypted = block.label === 'ENCRYPTED PRIVATE KEY' || block.fault === 'encapsulated-header';
  if (block.fault !== undefined && block.fault !== 'encapsulated-header')
    throw usage(
      'key-damaged',
      `the private key in "${file}" is ${block.fault === 'truncated' ? 'truncated: its END line is missing' : 'no proper base64'}`,
      'copy it again from where it was made',
    );
  if (encrypted && passphrase === undefined)
    throw usage('passphrase-missing', `the private key in "${file}" is encrypted`, 'give its passphrase');

  let key: KeyObject;
  try {
    // A byte order mark or a certificate before the key would confuse OpenSSL, so it gets this block alone.
    const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
    const end = lines.findIndex((line, index) => index >= block.line && line.trim() === `-----END ${block.label}-----`);
    const pem = lines.slice(block.line - 1, end + 1).map((line) => line.trim());
    key = createPrivateKey({ key: `${pem.join('\n')}\n`, ...(encrypted ? { passphrase } : {}) });
  } catch {
    // OpenSSL tells a wrong passphrase from damage by the padding only, that is: it cannot always tell.
    throw encrypted
      ? usage('passphrase-wrong', `the passphrase does not open the private key in "${file}"`)
      : usage(
          'key-damaged',
          `the private key in "${file}" is damaged or of an unknown kind`,
          'copy it again from where it was made',
        );
  }
  const publicKey = Uint8Array.from(createPublicKey(key).export({ format: 'der', type: 'spki' }));
  return {
    keyType: describeKeyType(publicKey),
    pkcs8: Uint8Array.from(key.export({ format: 'der', type: 'pkcs8' })),
    publicKey,
  };
}
