import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isLive, type LedgerState } from '../../inventory/ledger-state.ts';
import type { LedgerEvent } from '../../inventory/types.ts';
import { readBytes } from '../../lib/files-read.ts';
import { CertrelayError, type Problem, usage } from '../../lib/problem.ts';
import type { CertificateFacts } from '../../pki/facts.ts';
import { inspect } from '../../pki/inspect.ts';
import { born } from '../set-up/birth.ts';

export interface Listed {
  readonly events: readonly LedgerEvent[];
  readonly notes: readonly Problem[];
}

/**
 * The end-entity certificates of files and folders, entered for a host as they are. Postfix goes by the fingerprint alone, so
 * one that has expired or was issued for another purpose is listed, and a note says where it would still be refused.
 * @throws CertrelayError (usage): files without a certificate, a certificate that was revoked here, or is another host's.
 */
export function listFromElsewhere(
  paths: readonly string[],
  host: { readonly name: string; readonly role: 'server' | 'client' },
  ledger: LedgerState,
  { now, cwd }: { readonly now: Date; readonly cwd: string },
): Listed {
  const notes: Problem[] = [];
  const events: LedgerEvent[] = [];
  const serials = new Set(ledger.serials);
  for (const facts of endEntities(paths, cwd)) {
    const known = ledger.certificates.find((one) => one.fingerprint.sha256 === facts.fingerprint.sha256);
    if (known !== undefined) {
      if (known.holder !== host.name || known.role !== host.role) {
        throw usage('certificate-taken', `the certificate with serial ${facts.serial} is listed for "${known.holder}"`);
      }
      if (isLive(known)) continue;
      throw usage(
        'certificate-ended',
        `the certificate with serial ${facts.serial} was ${known.revoked === undefined ? 'retired' : 'revoked'} here`,
        'what has ended is never let in again; make another certificate',
      );
    }
    // Serial numbers of other authorities may meet those of this one; then its sha1 fingerprint names the certificate.
    const digest = facts.fingerprint.sha1.replaceAll(':', '').toLowerCase();
    const serial = serials.has(facts.serial) ? digest : facts.serial;
    serials.add(serial);
    events.push(...born(host.role, host.name, facts, now.toISOString(), { origin: 'elsewhere', serial }));
    notes.push(...remarks(facts, host, now));
  }
  return { events, notes };
}

/** Each once, in the order of the files; of a chain only the certificate of its host. */
function endEntities(paths: readonly string[], cwd: string): readonly CertificateFacts[] {
  const found = new Map<string, CertificateFacts>();
  for (const given of paths) {
    const inspections = filesOf(resolve(cwd, given)).map((file) => inspect(readBytes(file), file));
    const all = inspections.flatMap(({ certificates }) => certificates);
    const leaves = all.filter(({ isCA }) => !isCA);
    const [only, ...others] = all;
    // "openssl req -x509" marks what it makes as an authority, and such certificates are used by hosts all the same.
    const own = leaves.length === 0 && others.length === 0 && only?.selfSigned === true ? [only] : leaves;
    for (const facts of own) found.set(facts.fingerprint.sha256, facts);
    if (own.length > 0) continue;
    const problems = inspections.flatMap((inspection) => inspection.problems);
    if (all.length === 0 && problems.length > 0) throw new CertrelayError('usage', ...problems);
    throw usage(
      'certificate-none',
      all.length > 0 ? `"${given}" has certificates of authorities only` : `"${given}" has no certificate`,
      'name the file with the certificate of the host, such as cert.pem or fullchain.pem',
    );
  }
  return [...found.values()];
}

/** A file itself; of a folder the files that hold certificates by their names, as clients of ACME authorities lay them out. */
function filesOf(path: string): readonly string[] {
  if (!existsSync(path) || !statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => /\.(?:pem|crt|cer|cert|der)$/i.test(name) && !/key/i.test(name))
    .sort()
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile());
}

function remarks(facts: CertificateFacts, host: { readonly name: string }, now: Date): readonly Problem[] {
  const serial = `the certificate with serial ${facts.serial}`;
  const strict = 'only a server with "smtpd_tls_req_ccert = yes" would refuse it';
  const notes: Problem[] = [];
  if (Date.parse(facts.notAfter) <= now.getTime()) {
    notes.push({ code: 'certificate-expired', message: `${serial} expired on ${facts.notAfter}: ${strict}` });
  } else if (Date.parse(facts.notBefore) > now.getTime()) {
    notes.push({ code: 'certificate-not-yet', message: `${serial} is valid from ${facts.notBefore} on: ${strict}` });
  }
  const serves = ['clientAuth', 'anyExtendedKeyUsage'].some((purpose) => facts.extKeyUsage.includes(purpose));
  if (facts.extKeyUsage.length > 0 && !serves) {
    notes.push({
      code: 'certificate-purpose',
      message: `${serial} is for ${facts.extKeyUsage.join(', ')} and not for TLS clients: ${strict}`,
    });
  }
  if (!facts.names.includes(host.name) && facts.subject.toLowerCase() !== host.name) {
    notes.push({
      code: 'certificate-names',
      message: `${serial} does not name "${host.name}"; the map goes by its fingerprint`,
    });
  }
  return notes;
}
