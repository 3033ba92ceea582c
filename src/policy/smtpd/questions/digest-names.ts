import type { PostfixConfig } from '../../postfix/config.ts';
import { atLeast, type Version } from '../../postfix/version.ts';

/** A message digest by one of the names that OpenSSL may know it by. */
export interface DigestName {
  /** The name under which sessions give its fingerprints: `sha256`. */
  readonly digest: string;
  /** Whether a server has it under the name it was asked for; `depends`: on the release of OpenSSL, or how it was built. */
  readonly known: 'yes' | 'no' | 'depends';
}

/** Every OpenSSL has these. */
const old = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'];
/** Those of OpenSSL 1.1.1, which Postfix asks for from 3.6 on. */
const recent = ['md5-sha1', 'sha512-224', 'sha512-256', 'sha3-224', 'sha3-256', 'sha3-384', 'sha3-512'];
/** Left out of some builds, or set aside with those that OpenSSL 3 calls legacy. */
const optional = ['md4', 'mdc2', 'ripemd160', 'sm3', 'blake2b512', 'blake2s256', 'whirlpool', 'shake128', 'shake256'];

/** As OpenSSL spells them; up to 1.0 it told upper from lower case. */
const spelt = /^(?:[a-z0-9-]+|[A-Z0-9-]+|sha\d+WithRSAEncryption|md5WithRSAEncryption)$/;

/** Names that every OpenSSL that has the digest knows it by, in lower case. */
const aliases: Readonly<Record<string, string>> = {
  'ssl3-md5': 'md5',
  'ssl3-sha1': 'sha1',
  'rsa-sha1-2': 'sha1',
  ripemd: 'ripemd160',
  rmd160: 'ripemd160',
  ripemd160withrsa: 'ripemd160',
};

/** Names and object identifiers that came with OpenSSL 3. */
const newer: Readonly<Record<string, string>> = {
  'sha-1': 'sha1',
  'sha-224': 'sha224',
  'sha2-224': 'sha224',
  'sha-256': 'sha256',
  'sha2-256': 'sha256',
  'sha-384': 'sha384',
  'sha2-384': 'sha384',
  'sha-512': 'sha512',
  'sha2-512': 'sha512',
  'sha-512/224': 'sha512-224',
  'sha2-512/224': 'sha512-224',
  'sha-512/256': 'sha512-256',
  'sha2-512/256': 'sha512-256',
  'ripemd-160': 'ripemd160',
  'blake2b-512': 'blake2b512',
  'blake2s-256': 'blake2s256',
  'shake-128': 'shake128',
  'shake-256': 'shake256',
  '1.2.840.113549.2.5': 'md5',
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
  '2.16.840.1.101.3.4.2.4': 'sha224',
};

/** What a name of smtpd_tls_fingerprint_digest stands for, and whether a server of this release takes it. */
export function readDigestName(name: string, version: Version): DigestName {
  const folded = name.toLowerCase();
  const modern = newer[folded];
  if (modern !== undefined) return { digest: modern, known: 'depends' };
  const digest = aliases[folded] ?? withoutSignature(folded);
  const required = atLeast(version, '3.6');
  if (old.includes(digest)) return { digest, known: required || spelt.test(name) ? 'yes' : 'depends' };
  if (recent.includes(digest)) return { digest, known: required ? 'yes' : 'depends' };
  const open = optional.includes(digest) || /^\d+(?:\.\d+)+$/.test(folded);
  return { digest, known: open ? 'depends' : 'no' };
}

/** The digest under any of its names, as sessions name it. */
export function digestOf(name: string): string {
  const folded = name.toLowerCase();
  return newer[folded] ?? aliases[folded] ?? withoutSignature(folded);
}

/** smtpd_tls_fingerprint_digest, as sessions name digests. */
export function fingerprintDigest(config: PostfixConfig): string {
  return digestOf(config.get('smtpd_tls_fingerprint_digest'));
}

/** A digest is also known by the signatures that are made with it. */
function withoutSignature(folded: string): string {
  const [, short, long, sha3] =
    /^(?:rsa-(.+)|(.+)withrsaencryption|id-rsassa-pkcs1-v1_5-with-(sha3-\d+))$/.exec(folded) ?? [];
  const digest = short ?? long ?? sha3;
  return digest !== undefined && (old.includes(digest) || recent.includes(digest) || optional.includes(digest))
    ? digest
    : folded;
}
