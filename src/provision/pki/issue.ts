import { usage } from '../../lib/problem.ts';
import { isoSeconds } from '../../lib/text.ts';
import type { KeyType } from '../../x509/algorithms.ts';
import { type CertificateFacts, purposeName } from '../../x509/facts.ts';
import { fingerprintSet } from '../../x509/fingerprint.ts';
import { toPem } from '../../x509/pem.ts';
import type { KeyPair } from '../../x509/private-key.ts';
import { privateKeyPem } from '../../x509/private-key.ts';
import { keyIdentifier } from '../../x509/public-key.ts';
import type { Authority } from './authority.ts';
import { profileExtensions, subjectAltName, subjectKeyIdentifier } from './extensions.ts';
import { newKeyPair } from './key-pair.ts';
import { outsideConstraints } from './name-constraints.ts';
import { period } from './period.ts';
import type { profiles } from './profiles.ts';
import { newSerial, serialHex } from './serial.ts';
import { signCertificate } from './sign.ts';
import { hostSubject } from './subject.ts';

/** The host that a certificate is for: lower-case A-label names, the first of them its own. */
export interface Holder {
  readonly name: string;
  readonly extraNames?: readonly string[];
}

export interface IssueOptions {
  /** Lifetime; absent: the profile's. */
  readonly days?: number;
  readonly now: Date;
  /** For the serial number. */
  readonly random: (bytes: number) => Uint8Array;
}

/** A certificate for somebody else's key. */
export interface IssuedCertificate {
  readonly certificatePem: string;
  readonly facts: CertificateFacts;
  /** The lifetime was cut because a leaf never outlives its authority. */
  readonly clamped: boolean;
}

/** A certificate with its key. */
export interface Issued extends IssuedCertificate {
  /** PKCS#8, not encrypted. */
  readonly keyPem: string;
}

/** A profile of certificates that an authority issues to hosts. */
export type LeafProfile = (typeof profiles)['server' | 'client'];

/**
 * Issues a server or client certificate with a new key of `keyType`, or with `keyPair` when the key is to stay.
 * @throws CertrelayError (usage): a lifetime out of range, an expired authority, a name outside its constraints.
 */
export async function issue(
  profile: LeafProfile,
  holder: Holder,
  authority: Authority,
  options: IssueOptions & ({ readonly keyType: KeyType } | { readonly keyPair: KeyPair }),
): Promise<Issued> {
  const keyPair = 'keyPair' in options ? options.keyPair : await newKeyPair(options.keyType);
  const issued = await issueFor(profile, holder, authority, keyPair, options);
  return { ...issued, keyPem: await privateKeyPem(keyPair.pkcs8) };
}

/**
 * Issues a server or client certificate for a public key whose private half may be elsewhere.
 * @throws CertrelayError (usage) as `issue`.
 */
export async function issueFor(
  profile: LeafProfile,
  holder: Holder,
  authority: Authority,
  { keyType, publicKey }: Pick<KeyPair, 'keyType' | 'publicKey'>,
  { days = profile.days, now, random }: IssueOptions,
): Promise<IssuedCertificate> {
  const names = [...new Set([holder.name, ...(holder.extraNames ?? [])])];
  const outside = outsideConstraints(names, authority.constraints);
  if (outside.length > 0) {
    const quoted = outside.map((name) => `"${name}"`).join(', ');
    throw usage(
      'name-outside-constraints',
      `the authority may not issue for ${quoted}: its name constraints exclude that`,
      authority.constraints.permitted === undefined
        ? undefined
        : `it may issue for ${authority.constraints.permitted.join(', ')} and what is below`,
    );
  }
  const subject = hostSubject(holder.name);
  const valid = period(now, days, authority.notAfter);
  const serial = newSerial(random);
  const der = await signCertificate(
    {
      serial,
      issuer: authority.name,
      subject: subject.name,
      period: valid,
      publicKey,
      extensions: [
        ...profileExtensions(profile),
        subjectAltName(names, subject.commonName === ''),
        subjectKeyIdentifier(keyIdentifier(publicKey)),
        authority.keyIdentifierExtension,
      ],
    },
    authority.signer,
  );
  return {
    certificatePem: toPem('CERTIFICATE', der),
    clamped: valid.clamped,
    facts: {
      subject: subject.commonName,
      names,
      issuer: authority.facts.subject,
      serial: serialHex(serial),
      notBefore: isoSeconds(valid.notBefore),
      notAfter: isoSeconds(valid.notAfter),
      keyType,
      extKeyUsage: profile.extKeyUsage.map(purposeName),
      isCA: false,
      selfSigned: false,
      fingerprint: fingerprintSet(der),
      publicKeyFingerprint: fingerprintSet(publicKey),
      der,
      publicKey,
    },
  };
}
