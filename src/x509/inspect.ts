import { createPublicKey, X509Certificate } from 'node:crypto';
import type { Problem } from '../lib/problem.ts';
import { isoSeconds } from '../lib/text.ts';
import { x509 } from './crypto.ts';
import { elementLength, tags } from './der.ts';
import { type CertificateFacts, purposeName } from './facts.ts';
import { fingerprintSet } from './fingerprint.ts';
import { foundInstead } from './foreign.ts';
import { describeKeyType } from './key-types.ts';
import { type PemBlock, readPem } from './pem.ts';

/** The certificates of one file in their order, and what is wrong with the file. */
export interface Inspection {
  readonly certificates: readonly CertificateFacts[];
  readonly problems: readonly Problem[];
}

const certificateLabels: readonly string[] = ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'];

/**
 * Reads the certificates of a file: PEM with any number of them among other blocks and text, or one in DER.
 * `file` is what messages call the file.
 */
export function inspect(bytes: Uint8Array, file: string): Inspection {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const blocks = readPem(text);
  if (blocks.length === 0) return inspectDer(bytes, file);

  const certificates: CertificateFacts[] = [];
  const problems: Problem[] = [];
  for (const block of blocks.filter(({ label }) => certificateLabels.includes(label))) {
    const facts = block.der === undefined ? undefined : certificateFacts(block.der);
    if (facts === undefined) problems.push(damaged(block, file));
    else certificates.push(facts);
  }
  if (certificates.length + problems.length === 0) problems.push(foundInstead('certificate', bytes, blocks, file));
  return { certificates, problems };
}

function inspectDer(bytes: Uint8Array, file: string): Inspection {
  const facts = certificateFacts(bytes);
  return facts === undefined
    ? { certificates: [], problems: [foundInstead('certificate', bytes, [], file)] }
    : { certificates: [facts], problems: [] };
}

const faults = {
  truncated: 'has no END line: the file is truncated',
  'not-base64': 'is no proper base64',
  'encapsulated-header': 'has header lines that certificates do not have',
} as const;

function damaged(block: PemBlock, file: string): Problem {
  const says = block.fault === undefined ? 'cannot be decoded' : faults[block.fault];
  return {
    code: block.fault === 'truncated' ? 'certificate-truncated' : 'certificate-damaged',
    message: `the certificate that begins here ${says}`,
    where: { file, line: block.line, column: 1 },
  };
}

/**
 * The facts of the certificate at the start of `der`; undefined when there is none. Octets after it (OpenSSL's trust
 * settings, a line end) do not belong to it and do not count in the fingerprint.
 */
export function certificateFacts(der: Uint8Array): CertificateFacts | undefined {
  const length = der[0] === tags.sequence ? elementLength(der) : undefined;
  if (length === undefined || length > der.length) return undefined;
  const own = Uint8Array.from(der.subarray(0, length));
  try {
    const certificate = new x509.X509Certificate(own);
    const publicKey = new Uint8Array(certificate.publicKey.rawData);
    const san = certificate.getExtension(x509.SubjectAlternativeNameExtension);
    const eku = certificate.getExtension(x509.ExtendedKeyUsageExtension);
    return {
      subject: certificate.subjectName.getField('CN').at(-1) ?? '',
      names: (san?.names.items ?? []).filter(({ type }) => type === 'dns').map(({ value }) => value),
      issuer: certificate.issuerName.getField('CN').at(-1) ?? certificate.issuer,
      serial: certificate.serialNumber.toLowerCase(),
      notBefore: isoSeconds(certificate.notBefore),
      notAfter: isoSeconds(certificate.notAfter),
      keyType: describeKeyType(publicKey),
      extKeyUsage: (eku?.usages ?? []).map((usage) => purposeName(String(usage))),
      isCA: certificate.getExtension(x509.BasicConstraintsExtension)?.ca ?? false,
      selfSigned: certificate.subject === certificate.issuer && signedBy(own, publicKey),
      fingerprint: fingerprintSet(own),
      publicKeyFingerprint: fingerprintSet(publicKey),
      der: own,
      publicKey,
    };
  } catch {
    return undefined;
  }
}

/** Whether a certificate's signature was made with the private half of this key (SubjectPublicKeyInfo). */
function signedBy(certificate: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
    return new X509Certificate(certificate).verify(key);
  } catch {
    return false;
  }
}
