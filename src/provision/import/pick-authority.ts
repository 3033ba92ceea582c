import { CertrelayError, usage } from '../../lib/problem.ts';
import type { KeyRing } from './key-ring.ts';
import type { Findings, FoundCertificate, FoundKey } from './read-files.ts';

/** The authority that issues from now on, with its key as it was found. */
export interface PickedAuthority {
  readonly certificate: FoundCertificate;
  readonly key: FoundKey;
}

/**
 * The one certificate with which certrelay is to issue: a CA's, self-signed, in force, with its key. Undefined when no CA was
 * found, when one is an authority of the ledger already (`known`, by sha256 fingerprint), and when none has a key beside it
 * and no key stayed closed.
 * @throws CertrelayError (usage): several could be meant; the only one has expired, or is below a root whose key is not there;
 * its key is encrypted and the passphrase is missing or wrong.
 */
export function pickAuthority(
  { certificates }: Findings,
  keys: KeyRing,
  known: ReadonlySet<string>,
  now: Date,
): PickedAuthority | undefined {
  const authorities = certificates.filter(({ facts }) => facts.isCA);
  if (authorities.some(({ facts }) => known.has(facts.fingerprint.sha256))) return undefined;
  const withKey = authorities.flatMap((certificate) => {
    const key = keys.of(certificate.facts);
    return key === undefined ? [] : [{ certificate, key }];
  });
  const roots = withKey.filter(({ certificate }) => certificate.facts.selfSigned);
  const inForce = roots.filter(({ certificate }) => Date.parse(certificate.facts.notAfter) > now.getTime());
  const [only, ...others] = inForce;
  if (only !== undefined && others.length > 0) {
    throw usage(
      'import-authorities',
      `--import: several authorities have their keys there: ${inForce.map(({ certificate }) => `"${certificate.file}"`).join(', ')}`,
      'name the files of the one that is to issue, not the folder',
    );
  }
  if (only !== undefined) return only;
  if (authorities.length === 0) return undefined;
  // The key may be among those that could not be opened.
  if (keys.closed.length > 0) throw new CertrelayError('usage', ...keys.closed.slice(0, 5));
  const [expired] = roots;
  if (expired !== undefined) {
    throw usage(
      'authority-expired',
      `the authority in "${expired.certificate.file}" expired on ${expired.certificate.facts.notAfter}`,
      'import the other files without it, one by one: a new authority is then made, and what the old one issued stays admitted',
    );
  }
  const [below] = withKey;
  if (below !== undefined) {
    throw usage(
      'authority-below',
      `the authority in "${below.certificate.file}" is below "${below.certificate.facts.issuer}", whose key is not there`,
      'give the key of the self-signed one, or import the other files without authorities: a new one is then made',
    );
  }
  return undefined;
}
