import { EncryptedData, EncryptedPrivateKeyInfo } from '@peculiar/asn1-pkcs8';
import { AsnConvert, AsnProp, AsnPropTypes, OctetString } from '@peculiar/asn1-schema';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';
import { usage } from '../lib/problem.ts';
import { subtle } from './crypto.ts';

// Names and structures of RFC 8018, appendix A.
const idPbes2 = '1.2.840.113549.1.5.13';
const idPbkdf2 = '1.2.840.113549.1.5.12';
const idHmacSha256 = '1.2.840.113549.2.9';
const idAes256Cbc = '2.16.840.1.101.3.4.1.42';
const derNull = Uint8Array.of(5, 0).buffer;

/** What OWASP asks of PBKDF2 with HMAC-SHA-256; Node's own export of a key stops at 2,048. */
const rounds = 600_000;
/** What OpenSSL's programs and Node read of a passphrase; with a longer one they could not open the key again. */
const longest = 1023;

class Pbkdf2Parameters {
  salt = new OctetString();
  iterationCount = rounds;
  prf = new AlgorithmIdentifier({ algorithm: idHmacSha256, parameters: derNull });
}
AsnProp({ type: OctetString })(Pbkdf2Parameters.prototype, 'salt');
AsnProp({ type: AsnPropTypes.Integer })(Pbkdf2Parameters.prototype, 'iterationCount');
AsnProp({ type: AlgorithmIdentifier })(Pbkdf2Parameters.prototype, 'prf');

class Pbes2Parameters {
  keyDerivationFunc = new AlgorithmIdentifier();
  encryptionScheme = new AlgorithmIdentifier();
}
AsnProp({ type: AlgorithmIdentifier })(Pbes2Parameters.prototype, 'keyDerivationFunc');
AsnProp({ type: AlgorithmIdentifier })(Pbes2Parameters.prototype, 'encryptionScheme');

/**
 * Encrypts a PKCS#8 private key: PBES2 with PBKDF2 (HMAC-SHA-256, 600,000 rounds, 128 bits of salt) and AES-256-CBC.
 * Returns the DER of an EncryptedPrivateKeyInfo (RFC 5958, section 3).
 * @throws CertrelayError (usage) for a passphrase that is empty or longer than 1023 octets.
 */
export async function encryptPrivateKey(
  pkcs8: Uint8Array<ArrayBuffer>,
  passphrase: string,
  random: (bytes: number) => Uint8Array,
): Promise<Uint8Array> {
  if (passphrase === '')
    throw usage('passphrase-empty', 'the passphrase is empty', 'give none at all for a key that is not encrypted');
  const secret = new TextEncoder().encode(passphrase);
  if (secret.length > longest)
    throw usage('passphrase-long', `the passphrase is longer than ${longest} octets`, 'choose a shorter one');
  const salt = Uint8Array.from(random(16));
  const iv = Uint8Array.from(random(16));
  const password = await subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveBits']);
  const bits = await subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds }, password, 256);
  const key = await subtle.importKey('raw', bits, 'AES-CBC', false, ['encrypt']);
  const encrypted = await subtle.encrypt({ name: 'AES-CBC', iv }, key, pkcs8);

  const kdf = new Pbkdf2Parameters();
  kdf.salt = new OctetString(salt.buffer);
  const parameters = new Pbes2Parameters();
  parameters.keyDerivationFunc = new AlgorithmIdentifier({
    algorithm: idPbkdf2,
    parameters: AsnConvert.serialize(kdf),
  });
  parameters.encryptionScheme = new AlgorithmIdentifier({
    algorithm: idAes256Cbc,
    parameters: AsnConvert.serialize(new OctetString(iv.buffer)),
  });
  const info = new EncryptedPrivateKeyInfo({
    encryptionAlgorithm: new AlgorithmIdentifier({ algorithm: idPbes2, parameters: AsnConvert.serialize(parameters) }),
    encryptedData: new EncryptedData(encrypted),
  });
  return new Uint8Array(AsnConvert.serialize(info));
}
