import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { Problem } from '../lib/problem.ts';
import { x509 } from './crypto.ts';
import { elementLength, tags } from './der.ts';
import type { PemBlock } from './pem.ts';

/** Says what a file without a certificate has instead. `blocks` are its PEM blocks, none of them a certificate. */
export function notACertificate(bytes: Uint8Array, blocks: readonly PemBlock[], file: string): Problem {
  const problem = (code: string, found: string, hint?: string): Problem => ({
    code,
    message: `"${file}" ${found}`,
    ...(hint === undefined ? {} : { hint }),
  });
  if (bytes.every((octet) => octet <= 0x20)) return problem('certificate-missing', 'is empty');

  const label = blocks[0]?.label;
  const found =
    label === undefined ? derKind(bytes) : (pemKinds.find(([known]) => label.endsWith(known))?.[1] ?? label);
  if (found === 'truncated')
    return problem('certificate-truncated', 'is truncated: it ends before its certificate does');
  if (found === undefined) return problem('certificate-missing', 'is no certificate, neither in PEM nor in DER form');
  return problem('certificate-missing', `has no certificate but ${found}`, hints[found]);
}

const pemKinds: readonly (readonly [label: string, kind: string])[] = [
  ['PRIVATE KEY', 'a private key'],
  ['CERTIFICATE REQUEST', 'a certification request'],
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
