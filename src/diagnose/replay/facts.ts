import type { CertificateFacts } from '../../x509/facts.ts';
import type { KnownFacts } from '../evidence/sessions.ts';
import type { LoggedCertificate, ServerSession } from '../maillog/session.ts';

const digestLengths: Readonly<Record<number, string>> = {
  16: 'md5',
  20: 'sha1',
  28: 'sha224',
  32: 'sha256',
  48: 'sha384',
  64: 'sha512',
};

/** The digest that a fingerprint of this length can be in; undefined: none that Postfix uses. */
export function digestOf(fingerprint: string): string | undefined {
  return digestLengths[fingerprint.split(':').length];
}

/** What the log says of a client's certificate, as sessions have it, with what was taken to be so. */
export function shownCertificate(
  { tls, certificate }: ServerSession,
  known: KnownFacts,
  assumed: string[],
): Readonly<Record<string, unknown>> | null {
  if (tls?.trust === 'Anonymous') return null;
  const trusted = tls?.trust === 'Trusted' || tls?.trust === 'Verified';
  if (known.certificate !== undefined && known.certificate !== null) {
    return { ...known.certificate, trusted: trusted || known.certificate.trusted === true };
  }
  if (certificate === undefined) {
    const given = givenCertificate(known, assumed);
    if (given !== undefined) return { trusted, ...given };
    assumed.push(
      tls === undefined
        ? 'the log does not tell what certificate the client showed: one that is not trusted and whose fingerprint is open'
        : "the log does not tell the fingerprints of the client's certificate (it does at smtpd_tls_loglevel = 2)",
    );
    return { trusted };
  }
  return { trusted, ...described(certificate, known, assumed) };
}

/** The client's certificate where one alone was given, for a log that tells nothing of it. */
export function givenCertificate(
  { certificates }: KnownFacts,
  assumed: string[],
): Readonly<Record<string, unknown>> | undefined {
  const [only, ...others] = certificates;
  if (only === undefined || others.length > 0) return undefined;
  const { subject, issuer, fingerprint, publicKeyFingerprint } = only.facts;
  assumed.push(`the client showed the certificate in ${only.file}`);
  return { subject, issuer, fingerprint: { ...fingerprint }, publicKeyFingerprint: { ...publicKeyFingerprint } };
}

function described(certificate: LoggedCertificate, known: KnownFacts, assumed: string[]) {
  const { subject, issuer, fingerprint, publicKeyFingerprint } = certificate;
  const file = known.certificates.find(({ facts }) => isThat(facts, certificate));
  if (file !== undefined) {
    if (fingerprint === undefined) assumed.push(`the client's certificate is taken to be the one in ${file.file}`);
    const { facts } = file;
    return {
      ...{ subject, issuer },
      fingerprint: { ...facts.fingerprint, ...byDigest(fingerprint) },
      publicKeyFingerprint: { ...facts.publicKeyFingerprint, ...byDigest(publicKeyFingerprint) },
    };
  }
  return { subject, issuer, fingerprint: byDigest(fingerprint), publicKeyFingerprint: byDigest(publicKeyFingerprint) };
}

function isThat(facts: CertificateFacts, { subject, issuer, fingerprint }: LoggedCertificate): boolean {
  if (fingerprint === undefined) return facts.subject === subject && facts.issuer === issuer;
  const digest = digestOf(fingerprint);
  const own: Readonly<Record<string, string>> = { ...facts.fingerprint };
  return digest !== undefined && own[digest] === fingerprint;
}

function byDigest(fingerprint: string | undefined): Record<string, string> {
  const digest = fingerprint === undefined ? undefined : digestOf(fingerprint);
  return fingerprint === undefined || digest === undefined ? {} : { [digest]: fingerprint };
}
