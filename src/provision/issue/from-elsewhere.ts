import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readBytes } from '../../lib/files/read.ts';
import { CertrelayError, type Problem, usage } from '../../lib/problem.ts';
import type { CertificateFacts } from '../../x509/facts.ts';
import { inspect } from '../../x509/inspect.ts';
import { isLive, type LedgerState } from '../ledger/ledger-state.ts';
import type { LedgerEvent } from '../settings/types.ts';
import { admission, born } from './birth.ts';

/** A host, and where its certificates may be looked for again. */
export interface Place {
  readonly name: string;
  readonly role: 'server' | 'client';
  /** What the place holds now takes the place of what it held before, and is looked at again by later runs. */
  readonly follow?: boolean;
  /** Seconds for which both are admitted. */
  readonly overlap?: number;
}

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
  host: Place,
  ledger: LedgerState,
  { now, cwd }: { readonly now: Date; readonly cwd: string },
): Listed {
  const notes: Problem[] = [];
  const events: LedgerEvent[] = [];
  const serials = new Set(ledger.serials);
  const names = new Map<string, string>();
  const all = paths.map((given) => ({ source: resolve(cwd, given), held: endEntities(given, cwd) }));
  for (const facts of new Map(all.flatMap(({ held }) => held.map((one) => [one.fingerprint.sha256, one]))).values()) {
    const known = ledger.certificates.find((one) => one.fingerprint.sha256 === facts.fingerprint.sha256);
    if (known !== undefined) {
      if (known.holder !== host.name || known.role !== host.role) {
        throw usage('certificate-taken', `the certificate with serial ${facts.serial} is listed for "${known.holder}"`);
      }
      names.set(facts.fingerprint.sha256, known.serial);
      if (isLive(known)) {
        // A run that was killed between two events of its birth.
        if (known.admitted === undefined) events.push(admission(now.toISOString(), host.name, known.serial));
        continue;
      }
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
    names.set(facts.fingerprint.sha256, serial);
    const lasts = host.overlap === undefined ? {} : { overlap: host.overlap };
    events.push(...born(host.role, host.name, facts, now.toISOString(), { origin: 'elsewhere', serial, ...lasts }));
    notes.push(...remarks(facts, host, now));
  }
  if (host.follow !== true) return { events, notes };
  const followed = all.flatMap(({ source, held }) => followedEvents(source, held, names, host, ledger, now));
  return { events: [...events, ...followed], notes };
}

/**
 * What a place holds that it was not known to hold, and for which of those that it held before: one of the same kind of key where
 * there is one, for a host may have one of each kind; those that are left over go to the first.
 */
function followedEvents(
  source: string,
  held: readonly CertificateFacts[],
  names: ReadonlyMap<string, string>,
  { name, role }: Place,
  ledger: LedgerState,
  now: Date,
): readonly LedgerEvent[] {
  const nameOf = ({ fingerprint }: CertificateFacts): string => names.get(fingerprint.sha256) ?? '';
  const present = new Set(held.map(nameOf));
  const own = ledger.of(name, role).filter((one) => one.source === source && isLive(one));
  const isTaken = new Set(own.flatMap(({ replaces = [] }) => replaces));
  const gone = own.filter(({ serial }) => !present.has(serial) && !isTaken.has(serial));
  const fresh = held.filter((facts) => !own.some(({ serial }) => serial === nameOf(facts)));
  const kindOf = ({ keyType }: { readonly keyType: string }) => keyType.split('-')[0];
  return fresh.map((facts, index) => ({
    at: now.toISOString(),
    event: 'followed',
    holder: name,
    serial: nameOf(facts),
    source,
    replaces: gone
      .filter((old) => {
        const heir = fresh.findIndex((one) => kindOf(one) === kindOf(old));
        return index === Math.max(0, heir);
      })
      .map(({ serial }) => serial),
  }));
}

/** Those of a file or folder, each once, in the order of the files; of a chain only the certificate of its host. */
function endEntities(given: string, cwd: string): readonly CertificateFacts[] {
  const inspections = filesOf(resolve(cwd, given)).map((file) => inspect(readBytes(file), file));
  const all = inspections.flatMap(({ certificates }) => certificates);
  const leaves = all.filter(({ isCA }) => !isCA);
  const [only, ...others] = all;
  // "openssl req -x509" marks what it makes as an authority, and such certificates are used by hosts all the same.
  const own = leaves.length === 0 && others.length === 0 && only?.selfSigned === true ? [only] : leaves;
  if (own.length > 0) return [...new Map(own.map((facts) => [facts.fingerprint.sha256, facts])).values()];
  const problems = inspections.flatMap((inspection) => inspection.problems);
  if (all.length === 0 && problems.length > 0) throw new CertrelayError('usage', ...problems);
  throw usage(
    'certificate-none',
    all.length > 0 ? `"${given}" has certificates of authorities only` : `"${given}" has no certificate`,
    'name the file with the certificate of the host, such as cert.pem or fullchain.pem',
  );
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
