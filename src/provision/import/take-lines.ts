import type { Problem } from '../../lib/problem.ts';
import { allFingerprints } from '../../x509/fingerprint.ts';
import type { LedgerState } from '../ledger/ledger-state.ts';
import { digestOf } from '../ledger/listed-lines.ts';
import type { MapLine } from '../ledger/map-file.ts';
import type { LedgerEvent } from '../settings/types.ts';
import { hostOf } from './holder-name.ts';
import type { Findings, FoundCertificate } from './read-files.ts';

export interface Listing {
  /** Certificates that some line lists, by sha256 fingerprint. */
  readonly byCertificate: ReadonlySet<string>;
  /** Lines that say no more than a certificate that was found. */
  readonly covered: ReadonlySet<MapLine>;
}

/** Which lines are about which certificates, in every digest that a map may be in; a line about a key stays a line. */
export function matchLines(leaves: readonly FoundCertificate[], lines: readonly MapLine[]): Listing {
  const byFingerprint = new Map<string, string>();
  const byKey = new Map<string, string>();
  for (const { facts } of leaves) {
    // A certificate that names no host cannot be a client of certrelay, so its line stays.
    if (hostOf(facts) === undefined) continue;
    for (const one of Object.values(allFingerprints(facts.der))) byFingerprint.set(one, facts.fingerprint.sha256);
    for (const one of Object.values(allFingerprints(facts.publicKey))) byKey.set(one, facts.fingerprint.sha256);
  }
  const byCertificate = new Set<string>();
  const covered = new Set<MapLine>();
  for (const line of lines) {
    const certificate = byFingerprint.get(line.fingerprint);
    if (certificate !== undefined) covered.add(line);
    const listed = certificate ?? byKey.get(line.fingerprint);
    if (listed !== undefined) byCertificate.add(listed);
  }
  return { byCertificate, covered };
}

/** Lines whose certificates were not found are listed as they are; what was taken out once is not put back. */
export function listedEvents(
  lines: readonly MapLine[],
  covered: ReadonlySet<MapLine>,
  ledger: LedgerState,
  at: string,
  notes: Problem[],
): readonly LedgerEvent[] {
  const present = new Map(ledger.listed.map((line) => [line.fingerprint, line]));
  const certificates = new Set(ledger.certificates.flatMap((one) => Object.values(one.fingerprint)));
  const events: LedgerEvent[] = [];
  let ended = 0;
  const added = new Set<string>();
  for (const line of lines) {
    const { fingerprint, holder, comments } = line;
    const known = present.get(fingerprint);
    if (covered.has(line)) {
      // The line was listed before its certificate was found: from now on the certificate stands for it.
      if (known !== undefined && known.retired === undefined && known.revoked === undefined) {
        events.push({ at, event: 'retired', holder: known.holder, serial: fingerprint });
      }
      continue;
    }
    if (known !== undefined && (known.retired !== undefined || known.revoked !== undefined)) ended++;
    if (known !== undefined || certificates.has(fingerprint) || added.has(fingerprint)) continue;
    added.add(fingerprint);
    events.push({ at, event: 'listed', holder, fingerprint, comments });
  }
  if (ended > 0) {
    notes.push({
      code: 'import-ended',
      message: `${ended} of the lines were taken out of the map earlier and stay out`,
    });
  }
  const foreign = lines.filter((line) => !covered.has(line) && digestOf(line.fingerprint) === 'md5').length;
  if (foreign > 0) {
    notes.push({
      code: 'import-md5',
      message: `${foreign} lines are md5 fingerprints, which certrelay does not use: these clients cannot relay`,
      hint: 'import their certificates too, or issue new ones with "certrelay add NAME"',
    });
  }
  return events;
}

/** Comments that belong to no listed line, lines that Postfix would not use, and comments of lines that a certificate covers. */
export function keptEvents(
  { maps }: Findings,
  covered: ReadonlySet<MapLine>,
  ledger: LedgerState,
  at: string,
): readonly LedgerEvent[] {
  const kept = new Set(ledger.kept);
  const texts = maps.flatMap((map) => [
    ...map.kept,
    ...map.lines.filter((line) => covered.has(line)).flatMap(({ comments }) => comments),
  ]);
  return [...new Set(texts)].filter((text) => !kept.has(text)).map((text) => ({ at, event: 'kept', text }));
}
