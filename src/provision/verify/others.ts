import type { LineName } from '../../policy/explore/lines/line.ts';
import type { Identity } from './expectations.ts';

/** What is asked about everybody but some identities: keys of lines that are left out. */
export type Others = Readonly<Partial<Record<LineName, readonly string[]>>>;

/**
 * Sessions that show neither a certificate nor a public key of these identities, in any of the digests. A map does not say
 * of which kind a line is; that somebody has a key whose fingerprint is that of another's certificate is what digests
 * exclude, so both kinds are left out on both lines.
 */
export function allBut(identities: readonly Identity[], digests: readonly string[]): Others {
  const found = new Set<string>();
  for (const { certificate } of identities) {
    for (const set of [certificate.fingerprint, certificate.publicKeyFingerprint]) {
      for (const digest of digests) {
        const fingerprint = set[digest];
        if (fingerprint !== undefined) found.add(`!${fingerprint}`);
      }
    }
  }
  const left = [...found];
  return left.length === 0 ? {} : { certificate: left, 'public key': left };
}
