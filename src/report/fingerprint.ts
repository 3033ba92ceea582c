import type { Pin } from '../provision/settings/types.ts';
import type { CertificateFacts } from '../x509/facts.ts';
import type { AllFingerprints, ShownDigest } from '../x509/fingerprint.ts';

/** A certificate with the file it came from and its fingerprints in every digest. */
export interface Fingerprinted {
  readonly file: string;
  readonly facts: CertificateFacts;
  readonly certificate: AllFingerprints;
  readonly publicKey: AllFingerprints;
}

/** Certificates come from anywhere, and what is in their names must not reach a terminal or a map as control codes. */
function shown(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}

/** Whose certificate it is, never empty: postmap drops a line without a value. */
function holder({ facts }: Fingerprinted): string {
  return shown(facts.subject || facts.names[0] || 'unnamed').trim() || 'unnamed';
}

/** Lines for relay_clientcerts in one digest, of the certificate, its public key, or both. */
export function fingerprintLines(found: readonly Fingerprinted[], digest: ShownDigest, pin: Pin): string {
  const lines = found.flatMap((one) => {
    const chosen = [
      ...(pin === 'public-key' ? [] : [one.certificate[digest]]),
      ...(pin === 'certificate' ? [] : [one.publicKey[digest]]),
    ];
    return chosen.filter(Boolean).map((fingerprint) => `${fingerprint} ${holder(one)}\n`);
  });
  return lines.join('');
}

/** Everything about each certificate, for people. `now` is ISO 8601 in UTC. */
export function fingerprintText(found: readonly Fingerprinted[], now: string): string {
  return found.map((one) => certificateText(one, now)).join('\n');
}

function certificateText(one: Fingerprinted, now: string): string {
  const { facts } = one;
  const validity = facts.notAfter < now ? ' (expired)' : facts.notBefore > now ? ' (not yet valid)' : '';
  const others = facts.names.filter((name) => name !== facts.subject);
  const rows: readonly (readonly [string, string])[] = [
    ['issuer', facts.selfSigned ? `${facts.issuer} (self-signed)` : facts.issuer],
    ['serial', facts.serial],
    ['valid', `${facts.notBefore} to ${facts.notAfter}${validity}`],
    ['key', facts.keyType],
    ['use', [facts.isCA ? 'authority' : '', ...facts.extKeyUsage].filter(Boolean).join(', ') || 'any'],
    ...(others.length === 0 ? [] : [['names', others.join(', ')] as const]),
  ];
  return [
    `${holder(one)} (${shown(one.file)})`,
    ...rows.map(([label, value]) => `  ${label.padEnd(8)}${shown(value)}`),
    '  certificate',
    ...digestLines(one.certificate),
    '  public key',
    ...digestLines(one.publicKey),
    '',
  ].join('\n');
}

function digestLines(fingerprints: AllFingerprints): readonly string[] {
  return Object.entries(fingerprints).map(([digest, fingerprint]) => {
    const note = digest === 'md5' ? '  (inspection only: md5 can be forged)' : '';
    return `    ${digest.padEnd(8)}${fingerprint}${note}`;
  });
}

/** The certificates as they appear in the JSON document. */
export function fingerprintJson(found: readonly Fingerprinted[]): readonly object[] {
  return found.map(({ file, facts, certificate, publicKey }) => {
    const { der: _der, publicKey: _key, fingerprint: _fingerprint, publicKeyFingerprint: _public, ...rest } = facts;
    return { file, ...rest, fingerprint: certificate, publicKeyFingerprint: publicKey };
  });
}
