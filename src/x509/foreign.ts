import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { Problem } from '../lib/problem.ts';
import { x509 } from './crypto.ts';
import { elementLength, tags } from './der.ts';
import type { PemBlock } from './pem.ts';

/**
 * Says what a file has instead of what was wanted ("certificate", "certification request"). `blocks` are its PEM
 * blocks, none of them a wanted one.
 */
export function foundInstead(
  wanted: 'certificate' | 'certification request',
  bytes: Uint8Array,
  blocks: readonly PemBlock[],
  file: string,
): Problem {
  const code = wanted === 'certificate' ? 'certificate' : 'request';
  const missing = { code: `${code}-missing` };
  if (bytes.every((octet) => octet <= 0x20)) return { ...missing, message: `"${file}" is empty` };

  const label = blocks[0]?.label;
  const known = pemKinds.find(([ending]) => label?.endsWith(ending))?.[1];
  const found = label === undefined ? derKind(bytes) : (known ?? `a PEM block "${label}"`);
  if (found === 'truncated')
    return { code: `${code}-truncated`, message: `"${file}" is truncated: it ends before its ${wanted} does` };
  if (found === undefined) return { ...missing, message: `"${file}" is no ${wanted}, neither in PEM nor in DER form` };
  const message = `"${file}" has no ${wanted} but ${found}`;
  const hint = wanted === 'certificate' ? hints[found] : undefined;
  return { ...missing, message, ...(hint === undefined ? {} : { hint }) };
}

const pemKinds: readonly (readonly [label: string, kind: string])[] = [
  ['PRIVATE KEY', 'a private key'],
  ['CERTIFICATE REQUEST', 'a certification request'],
  ['CERTIFICATE', 'a certificate'],
  ['PUBLIC KEY', 'a public key'],
  ['X509 CRL', 'a revocation list'],
  ['PKCS7', 'a PKCS#7 bundle'],
  ['CMS', 'a CMS message'],
];

const hints: Readonly<Record<string, string>> = {
  'a private key': 'give the certificate that belongs to the key',
  'a certification request': 'a request becomes a certificate when an authority has issued it',
  'a PKCS#7 bundle': 'unpack it: openssl pkcs7 -print_certs -in FILE',
  'a PKCS#12 bundle': 'unpack it: openssl pkcs12 -nokeys -in FILE',
};

/** What a DER structure is, if it is one of the kinds that get confused with certificates. */
function derKind(bytes: Uint8Array): string | undefined {
  if (bytes[0] !== tags.sequence) return undefined;
  const length = elementLength(bytes);
  if (length === undefined || length > bytes.length) return 'truncated';
  const der = Buffer.from(bytes);
  const kinds: readonly (readonly [kind: string, read: () => unknown])[] = [
    ['a private key', () => createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })],
    ['a private key', () => createPrivateKey({ key: der, format: 'der', type: 'pkcs1' })],
    ['a private key', () => createPrivateKey({ key: der, format: 'der', type: 'sec1' })],
    ['a public key', () => createPublicKey({ key: der, format: 'der', type: 'spki' })],
    ['a certificate', () => new x509.X509Certificate(Uint8Array.from(bytes))],
    ['a certification request', () => new x509.Pkcs10CertificateRequest(Uint8Array.from(bytes))],
    ['a revocation list', () => new x509.X509Crl(Uint8Array.from(bytes))],
  ];
  for (const [kind, read] of kinds) {
    try {
      read();
      return kind;
    } catch {
      // not of this kind
    }
  }
  const header = bytes[1] !== undefined && bytes[1] >= 0x80 ? 2 + (bytes[1] & 0x7f) : 2;
  const members = der.subarray(header).toString('hex', 0, 16);
  return firstMembers.find(([member]) => members.startsWith(member))?.[1];
}

const firstMembers: readonly (readonly [member: string, kind: string])[] = [
  // The integer 3, its version (RFC 7292, section 4).
  ['020103', 'a PKCS#12 bundle'],
  // The object identifier of signedData (RFC 5652, section 5.1).
  ['06092a864886f70d010702', 'a PKCS#7 bundle'],
];
