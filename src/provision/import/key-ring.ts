import { CertrelayError, type Problem } from '../../lib/problem.ts';
import type { CertificateFacts } from '../../x509/facts.ts';
import { fingerprint } from '../../x509/fingerprint.ts';
import { readPrivateKey } from '../../x509/private-key.ts';
import type { FoundKey } from './read-files.ts';

/** Private keys by what they belong to. */
export class KeyRing {
  private readonly byPublicKey = new Map<string, FoundKey>();
  /** Why some keys stayed closed. */
  readonly closed: readonly Problem[];

  /** Encrypted keys are tried with the passphrase; those that it does not open stay closed. */
  constructor(keys: readonly FoundKey[], passphrase: string | undefined) {
    const closed: Problem[] = [];
    for (const key of keys) {
      try {
        const publicKey = key.publicKey ?? readPrivateKey(key.text, key.file, passphrase).publicKey;
        this.byPublicKey.set(fingerprint('sha256', publicKey), key);
      } catch (error) {
        if (!(error instanceof CertrelayError)) throw error;
        closed.push(...error.problems.map(withHint));
      }
    }
    this.closed = closed;
  }

  /** The key that belongs to a certificate, if it was found and opened. */
  of({ publicKeyFingerprint }: CertificateFacts): FoundKey | undefined {
    return this.byPublicKey.get(publicKeyFingerprint.sha256);
  }
}

function withHint(problem: Problem): Problem {
  return problem.code === 'passphrase-missing'
    ? { ...problem, hint: 'give the file that has its passphrase: --passphrase-file FILE' }
    : problem;
}
