import { AsnConvert } from '@peculiar/asn1-schema';
import {
  Certificate,
  id_ce_keyUsage,
  id_ce_subjectKeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  SubjectKeyIdentifier,
} from '@peculiar/asn1-x509';
import { CertrelayError, type Problem, usage } from '../../lib/problem.ts';
import { isoSeconds } from '../../lib/text.ts';
import type { CertificateFacts } from '../../x509/facts.ts';
import { inspect } from '../../x509/inspect.ts';
import { signingRow } from '../../x509/key-types.ts';
import { toPem } from '../../x509/pem.ts';
import { readPrivateKey } from '../../x509/private-key.ts';
import { keyIdentifier } from '../../x509/public-key.ts';
import type { Authority } from './authority.ts';
import { authorityKeyIdentifier } from './extensions.ts';
import { signingKey } from './key-pair.ts';
import { dnsConstraints } from './name-constraints.ts';
import { signer } from './sign.ts';

/** A file's content, and what messages call the file. */
export interface NamedText {
  readonly file: string;
  readonly text: string;
}

/**
 * Opens an existing authority: its certificate and its private key, both PEM.
 * When the certificate file is a bundle, the certificate is the one that the key belongs to.
 * @throws CertrelayError (usage) with everything that is wrong: no or damaged certificate or key, passphrase missing or
 * wrong, a key that does not belong to the certificate, no CA certificate, not valid at `now`, a purpose or a key type
 * with which it cannot issue.
 */
export async function openAuthority(
  certificate: NamedText,
  key: NamedText,
  now: Date,
  passphrase?: string,
): Promise<Authority> {
  const { certificates, problems } = inspect(new TextEncoder().encode(certificate.text), certificate.file);
  if (problems.length > 0) throw new CertrelayError('usage', ...problems);
  const keyPair = readPrivateKey(key.text, key.file, passphrase);
  const facts = certificates.find(({ publicKey }) => Buffer.compare(publicKey, keyPair.publicKey) === 0);
  if (facts === undefined)
    throw usage(
      'authority-key',
      `the private key in "${key.file}" does not belong to the certificate in "${certificate.file}"`,
      'take the key with which that certificate was made',
    );
  const row = signingRow(keyPair.keyType);
  const faults = [...unfit(facts, now, certificate.file)];
  if (row === undefined || faults.length > 0)
    throw new CertrelayError(
      'usage',
      ...faults,
      ...(row === undefined ? [unknownKeyType(keyPair.keyType, key.file)] : []),
    );

  const { tbsCertificate } = AsnConvert.parse(facts.der, Certificate);
  const extensions = [...(tbsCertificate.extensions ?? [])];
  const ski = extensions.find(({ extnID }) => extnID === id_ce_subjectKeyIdentifier);
  const identifier =
    ski === undefined
      ? keyIdentifier(facts.publicKey)
      : new Uint8Array(AsnConvert.parse(ski.extnValue.buffer, SubjectKeyIdentifier).buffer);
  return {
    certificatePem: toPem('CERTIFICATE', facts.der),
    facts,
    name: new Uint8Array(AsnConvert.serialize(tbsCertificate.subject)),
    notAfter: new Date(facts.notAfter),
    constraints: dnsConstraints(extensions),
    keyIdentifierExtension: authorityKeyIdentifier(identifier),
    signer: signer(row, await signingKey(row, keyPair.pkcs8)),
  };
}

function unknownKeyType(keyType: string, file: string): Problem {
  return { code: 'authority-key-type', message: `certrelay does not sign with the "${keyType}" key in "${file}"` };
}

/** Why a certificate cannot be an authority's at this time. */
function* unfit(facts: CertificateFacts, now: Date, file: string): Generator<Problem> {
  const rollOver = 'an expired authority cannot issue; make a new one';
  if (!facts.isCA) yield { code: 'authority-not-ca', message: `the certificate in "${file}" is not a CA certificate` };
  else if (!maySign(facts))
    yield {
      code: 'authority-not-ca',
      message: `the keyUsage of the certificate in "${file}" forbids it to sign certificates`,
    };
  if (new Date(facts.notAfter) < now)
    yield {
      code: 'authority-expired',
      message: `the authority in "${file}" expired on ${facts.notAfter}`,
      hint: rollOver,
    };
  if (new Date(facts.notBefore) > now)
    yield {
      code: 'authority-not-yet-valid',
      message: `the authority in "${file}" is valid from ${facts.notBefore} on, and it is ${isoSeconds(now)} now`,
      hint: "check this machine's clock",
    };
  // OpenSSL holds everything below a CA certificate to the CA's own extKeyUsage.
  const missing = ['serverAuth', 'clientAuth'].filter((purpose) => !facts.extKeyUsage.includes(purpose));
  if (facts.extKeyUsage.length > 0 && !facts.extKeyUsage.includes('anyExtendedKeyUsage') && missing.length > 0)
    yield {
      code: 'authority-purpose',
      message: `the authority in "${file}" is restricted to ${facts.extKeyUsage.join(', ')}, without ${missing.join(' and ')}`,
      hint: 'Postfix would trust none of the certificates that it issues for the missing purpose',
    };
}

function maySign(facts: CertificateFacts): boolean {
  const { tbsCertificate } = AsnConvert.parse(facts.der, Certificate);
  const found = tbsCertificate.extensions?.find(({ extnID }) => extnID === id_ce_keyUsage);
  if (found === undefined) return true;
  return (AsnConvert.parse(found.extnValue.buffer, KeyUsage).toNumber() & KeyUsageFlags.keyCertSign) !== 0;
}
