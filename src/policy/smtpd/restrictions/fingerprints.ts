import type { ReadyKey } from '../../../lib/ready-key.ts';
import type { PostfixConfig } from '../../postfix/config.ts';
import { atLeast } from '../../postfix/version.ts';
import type { ClientCertificate } from '../dialogue/conversation.ts';
import type { Session } from '../dialogue/session.ts';
import type { Question } from '../questions/facts.ts';
import type { Questions } from '../questions/questions.ts';

/** Which of a certificate's two fingerprints. */
export type FingerprintKind = 'certificate' | 'public key';

/** The fingerprint in the server's digest, upper case with colons; undefined when it was not given. */
export function fingerprintOf(
  certificate: ClientCertificate,
  kind: FingerprintKind,
  digest: string,
): string | undefined {
  return (kind === 'certificate' ? certificate.fingerprint : certificate.publicKeyFingerprint)[digest];
}

/** The same as the key of a table. */
export function fingerprintKeyOf(
  certificate: ClientCertificate,
  kind: FingerprintKind,
  digest: string,
): ReadyKey | undefined {
  return (kind === 'certificate' ? certificate.fingerprintKey : certificate.publicKeyFingerprintKey)[digest];
}

/** The name of a fingerprint that decides and was not given. */
export function missingFingerprint(kind: FingerprintKind, digest: string): string {
  return `${kind} fingerprint ${digest}`;
}

/** Up to 2.9.5 the public key fingerprint covers the bare key bits, which no other program prints. */
export function publicKeyIsBare(config: PostfixConfig): boolean {
  if (!atLeast(config.version, '2.9.6')) return true;
  return !atLeast(config.version, '3.9') && config.boolean('tls_legacy_public_key_fingerprints');
}

export type Presented = 'no TLS' | 'none' | 'trusted' | 'untrusted';

/** What the client presented, as far as the server asked. */
export function presented(questions: Questions): Question<Presented> {
  return questions.once<Presented>({
    subject: 'certificate',
    text: 'client certificate',
    literal(session) {
      if (session.tls === undefined) return 'no TLS';
      const { certificate } = session.tls;
      if (certificate === undefined) return 'none';
      return certificate.trusted ? 'trusted' : 'untrusted';
    },
    say(answer, session) {
      if (answer === 'no TLS') return 'no TLS session, so no certificate was presented';
      if (answer === 'none') return 'no certificate was presented';
      return `${answer} certificate of "${nameOf(session)}"`;
    },
  });
}

function nameOf(session: Session): string {
  return session.tls?.certificate?.subject ?? '';
}
