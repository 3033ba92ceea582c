import { type Problem, usage } from '../../lib/problem.ts';
import type { CertificateFacts } from '../../x509/facts.ts';
import { born } from '../issue/birth.ts';
import { currentAuthority, type LedgerState } from '../ledger/ledger-state.ts';
import type { LedgerEvent } from '../settings/types.ts';
import { authorityName } from './holder-name.ts';
import type { KeyRing } from './key-ring.ts';
import type { PickedAuthority } from './pick-authority.ts';
import type { Findings, FoundKey } from './read-files.ts';
import { HostTaker, type TakenKey, type Wanted } from './take-hosts.ts';
import { keptEvents, listedEvents, matchLines } from './take-lines.ts';

/** What taking over comes to: nothing is written yet. */
export interface ImportPlan {
  readonly events: readonly LedgerEvent[];
  /** Clients that the earlier map admits and whose certificates were found. */
  readonly clients: readonly string[];
  readonly keys: readonly TakenKey[];
  /** The authority's, when it is new to the ledger. */
  readonly authorityKey: FoundKey | undefined;
  readonly notes: readonly Problem[];
}

/**
 * Works out what the findings mean for a ledger. A client is admitted when the earlier map lists it or when it was named; any
 * other certificate is only known, for whoever imports the folder of an authority does not thereby let everybody relay to
 * whom it ever issued. What the ledger knows already is passed over, so a second import changes nothing.
 */
export function planImport(
  findings: Findings,
  authority: PickedAuthority | undefined,
  keys: KeyRing,
  ledger: LedgerState,
  wanted: Wanted,
): ImportPlan {
  const events: LedgerEvent[] = [];
  const notes: Problem[] = [...findings.notes];
  const known = new Set(ledger.certificates.map(({ fingerprint }) => fingerprint.sha256));
  const serials = new Set(ledger.serials);
  /** A serial number is unique with one authority only; where it is taken, the certificate's own digest names it. */
  const serialOf = ({ serial, fingerprint }: CertificateFacts): string => {
    const name = serials.has(serial) ? fingerprint.sha256.replaceAll(':', '').toLowerCase().slice(0, 40) : serial;
    serials.add(name);
    return name;
  };

  const isNewAuthority = authority !== undefined && !known.has(authority.certificate.facts.fingerprint.sha256);
  const present = currentAuthority(ledger);
  if (isNewAuthority && present !== undefined) {
    throw usage(
      'authority-exists',
      `--import: "${authority.certificate.file}" is an authority, and there is one already: "${present.holder}"`,
      'import it into a folder of its own with --out; an authority is never replaced',
    );
  }
  if (isNewAuthority) {
    const { facts } = authority.certificate;
    events.push(
      ...born('authority', authorityName(facts), facts, wanted.at, { origin: 'imported', serial: serialOf(facts) }),
    );
  }
  const chosen = authority?.certificate.facts.fingerprint.sha256;
  for (const { facts } of findings.certificates) {
    if (!facts.isCA || facts.fingerprint.sha256 === chosen || known.has(facts.fingerprint.sha256)) continue;
    const serial = serialOf(facts);
    const [issued] = born('authority', authorityName(facts), facts, wanted.at, { origin: 'elsewhere', serial });
    // It is remembered and trusted by nobody: certrelay issues with one authority.
    if (issued !== undefined)
      events.push(issued, { at: wanted.at, event: 'retired', holder: authorityName(facts), serial });
  }

  const leaves = findings.certificates.filter(({ facts }) => !facts.isCA);
  const lines = findings.maps.flatMap((map) => map.lines);
  const listing = matchLines(leaves, lines);
  const hosts = new HostTaker(ledger, wanted, listing.byCertificate, keys, findings.revocations);
  for (const leaf of leaves.toSorted((one, other) => (one.facts.notBefore < other.facts.notBefore ? -1 : 1))) {
    if (known.has(leaf.facts.fingerprint.sha256)) hosts.pass(leaf);
    else events.push(...hosts.take(leaf, serialOf(leaf.facts)));
  }
  events.push(...listedEvents(lines, listing.covered, ledger, wanted.at, notes));
  events.push(...keptEvents(findings, listing.covered, ledger, wanted.at));
  notes.push(...hosts.notes());
  return {
    ...{ events, notes, clients: hosts.clients, keys: hosts.keys },
    authorityKey: isNewAuthority ? authority.key : undefined,
  };
}
