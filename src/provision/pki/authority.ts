import { usage } from '../../lib/problem.ts';
import type { KeyType } from '../../x509/algorithms.ts';
import type { Der } from '../../x509/der.ts';
import type { CertificateFacts } from '../../x509/facts.ts';
import { certificateFacts } from '../../x509/inspect.ts';
import { keyTypeRows } from '../../x509/key-types.ts';
import { toPem } from '../../x509/pem.ts';
import type { KeyPair } from '../../x509/private-key.ts';
import { privateKeyPem } from '../../x509/private-key.ts';
import { keyIdentifier } from '../../x509/public-key.ts';
import { authorityKeyIdentifier, nameConstraints, profileExtensions, subjectKeyIdentifier } from './extensions.ts';
import { newKeyPair, signingKey } from './key-pair.ts';
import type { DnsConstraints } from './name-constraints.ts';
import { period } from './period.ts';
import { profiles } from './profiles.ts';
import { newSerial } from './serial.ts';
import { type Signer, signCertificate, signer } from './sign.ts';
import { authoritySubject } from './subject.ts';

/** An authority that is ready to issue. */
export interface Authority {
  readonly certificatePem: string;
  readonly facts: CertificateFacts;
  /** Its subject, which is the issuer of what it issues. */
  readonly name: Der;
  readonly notAfter: Date;
  readonly constraints: DnsConstraints;
  /** The AKI of what it issues, encoded once. */
  readonly keyIdentifierExtension: Der;
  readonly signer: Signer;
}

export interface AuthorityWish {
  /** Common name. */
  readonly name: string;
  readonly keyType: KeyType;
  /** Absent: the profile's. */
  readonly days?: number;
  /** DNS domains of a critical nameConstraints extension; absent or empty: none. */
  readonly constrain?: readonly string[];
  readonly now: Date;
  /** For serial number, salt and initialization vector. */
  readonly random: (bytes: number) => Uint8Array;
  /** Encrypts the key. */
  readonly passphrase?: string;
  /** The key to have, of type `keyType`; absent: a new one. */
  readonly keyPair?: KeyPair;
}

/** A new authority, and its key as it is to be stored. */
export interface IssuedAuthority {
  readonly authority: Authority;
  readonly certificatePem: string;
  /** PKCS#8, encrypted when there is a passphrase. */
  readonly keyPem: string;
  readonly facts: CertificateFacts;
}

/**
 * Issues a self-signed authority.
 * @throws CertrelayError (usage): a name that is empty or too long, a lifetime out of range, an empty passphrase.
 */
export async function issueAuthority(wish: AuthorityWish): Promise<IssuedAuthority> {
  const profile = profiles.authority;
  const row = keyTypeRows[wish.keyType];
  const name = authoritySubject(wish.name);
  const valid = period(wish.now, wish.days ?? profile.days);
  // RFC 5280, section 4.2.1.10: the domain itself and everything below, written without a leading dot.
  const permitted = (wish.constrain ?? []).map((domain) => domain.replace(/^\.|\.$/g, '').toLowerCase());
  if (permitted.includes(''))
    throw usage('constrain-empty', 'a domain of the name constraints is empty', 'name a domain, such as example.com');
  const keyPair = wish.keyPair ?? (await newKeyPair(wish.keyType));
  const keyPem = await privateKeyPem(
    keyPair.pkcs8,
    wish.passphrase === undefined ? undefined : { passphrase: wish.passphrase, random: wish.random },
  );
  const authoritySigner = signer(row, await signingKey(row, keyPair.pkcs8));
  const identifier = keyIdentifier(keyPair.publicKey);
  const der = await signCertificate(
    {
      serial: newSerial(wish.random),
      issuer: name,
      subject: name,
      period: valid,
      publicKey: keyPair.publicKey,
      extensions: [
        ...profileExtensions(profile),
        ...(permitted.length === 0 ? [] : [nameConstraints(permitted)]),
        subjectKeyIdentifier(identifier),
        authorityKeyIdentifier(identifier),
      ],
    },
    authoritySigner,
  );
  const facts = certificateFacts(der);
  if (facts === undefined) throw new Error('the new authority cannot be read back');
  const certificatePem = toPem('CERTIFICATE', der);
  const authority: Authority = {
    certificatePem,
    facts,
    name,
    notAfter: valid.notAfter,
    constraints: { ...(permitted.length === 0 ? {} : { permitted }), excluded: [] },
    keyIdentifierExtension: authorityKeyIdentifier(identifier),
    signer: authoritySigner,
  };
  return { authority, certificatePem, keyPem, facts };
}
