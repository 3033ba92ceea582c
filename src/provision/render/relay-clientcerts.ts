import { usage } from '../../lib/problem.ts';
import type { Digest } from '../../x509/algorithms.ts';
import { type CertificateState, isAdmitted } from '../ledger/ledger-state.ts';
import { isListed, type ListedLine } from '../ledger/listed-lines.ts';
import type { Settings } from '../settings/types.ts';
import { field } from './field.ts';
import { judged } from './guard.ts';
import type { RenderInput } from './input.ts';
import type { MapEntry, ServerView } from './view.ts';

/** What the lines depend on beside the ledger and the clients, and the lines. */
interface Known {
  readonly pins: string;
  readonly entries: readonly MapEntry[];
}

// Neither is ever changed, only replaced, and every version of every server asks for the same lines of a fleet.
const known = new WeakMap<RenderInput['ledger'], WeakMap<RenderInput['inventory']['clients'], Known>>();

/**
 * The lines of relay_clientcerts: the fingerprints, in the server's digest (in both while digests are exchanged), of
 * every client certificate that is admitted and neither retired nor revoked, sorted by client, kind and time of issue;
 * then the lines of an earlier map. A key that several certificates share (a renewal that kept it) is one line, because
 * postmap(1) warns about a key that occurs twice.
 */
export function mapEntries(input: RenderInput): readonly MapEntry[] {
  const { inventory, ledger } = input;
  if (input.only !== undefined) return linesOf(input);
  const pins = `${inventory.settings.pin} ${digestsOf(input).join(' ')}`;
  const ofLedger = known.get(ledger) ?? new WeakMap<RenderInput['inventory']['clients'], Known>();
  known.set(ledger, ofLedger);
  const before = ofLedger.get(inventory.clients);
  if (before?.pins === pins) return before.entries;
  const entries = linesOf(input);
  ofLedger.set(inventory.clients, { pins, entries });
  return entries;
}

function linesOf({ inventory, ledger, only }: RenderInput): readonly MapEntry[] {
  const digests = digestsOf({ inventory, ledger });
  const entries = new Map<string, MapEntry>();
  const pins = kindsOf(inventory.settings).flatMap((kind) =>
    digests.map((digest) => ({ kind, digest, known: ownEntries(kind, digest) })),
  );
  for (const name of sortedNames(inventory.clients)) {
    const certificates = ledger.of(name, 'client');
    for (const { kind, digest, known } of pins) {
      for (const state of certificates) {
        if (!isAdmitted(state) || only?.has(fingerprintOf(state, kind, digest)) === false) continue;
        const own = known.get(state) ?? ownEntry(state, kind, digest, known);
        const present = entries.get(own.fingerprint);
        const both =
          present === undefined ? own : { ...present, certificates: [...present.certificates, ...own.certificates] };
        entries.set(own.fingerprint, both);
      }
    }
  }
  const listed = ledger.listed
    .filter((line) => isListed(line) && !entries.has(line.fingerprint) && only?.has(line.fingerprint) !== false)
    .map(listedEntry);
  return [...entries.values(), ...listed];
}

/** A step renders the same clients before and after, for each server. */
const sorted = new WeakMap<RenderInput['inventory']['clients'], readonly string[]>();

function sortedNames(clients: RenderInput['inventory']['clients']): readonly string[] {
  const before = sorted.get(clients);
  if (before !== undefined) return before;
  const names = ownTexts([...new Set(clients.map(({ name }) => name))]).sort();
  sorted.set(clients, names);
  return names;
}

/**
 * The same texts, each with characters of its own. Texts that were cut from a file's text are compared by a detour, which to sort ten
 * thousand of them takes ten times as long.
 */
function ownTexts(texts: readonly string[]): string[] {
  return JSON.parse(JSON.stringify(texts)) as string[];
}

/** By what is listed: the line of each certificate, which is the same whatever else is in the map. */
const own = new Map<string, OwnEntries>();
type OwnEntries = WeakMap<CertificateState, MapEntry>;

function ownEntries(kind: MapEntry['kind'], digest: Digest): OwnEntries {
  const pin = `${kind} ${digest}`;
  const entries = own.get(pin) ?? new WeakMap<CertificateState, MapEntry>();
  own.set(pin, entries);
  return entries;
}

function ownEntry(state: CertificateState, kind: MapEntry['kind'], digest: Digest, entries: OwnEntries): MapEntry {
  const entry: MapEntry = judged({
    fingerprint: field('fingerprint', fingerprintOf(state, kind, digest)),
    client: field('host name', state.holder),
    kind,
    certificates: [{ serial: field('serial number', state.serial), notAfter: field('time', state.notAfter) }],
    comments: [],
  });
  entries.set(state, entry);
  return entry;
}

/** A line of an earlier map; whether its fingerprint is a certificate's or a key's cannot be told from it. */
function listedEntry({ holder, fingerprint, comments }: ListedLine): MapEntry {
  return {
    fingerprint: field('fingerprint', fingerprint),
    client: field('parameter value', holder),
    kind: 'certificate',
    certificates: [],
    comments: [...comments.map(comment), comment(`${holder}: from an earlier map, its certificate is not known`)],
  };
}

/** Lines of an earlier map that admit nobody, as comments; nothing when there are none. */
export function keptComments({ ledger }: Pick<RenderInput, 'ledger'>): ServerView['kept'] {
  return ledger.kept.length === 0 ? [] : [{ lines: ledger.kept.map(comment) }];
}

/** A comment line; what a terminal or an editor could take for something else than text becomes a blank. */
function comment(text: string): string {
  return `# ${text.replace(/[\s\p{Cc}]+/gu, ' ')}`.trimEnd();
}

/**
 * The digests of the lines: the one in force, first, and while digests are exchanged the other as well. Lines of
 * different digests differ in length and cannot clash.
 */
export function digestsOf({ inventory, ledger }: RenderInput): readonly Digest[] {
  const exchange = ledger.digestExchange;
  const open = exchange === undefined || exchange.retired !== undefined ? [] : [exchange.from, exchange.to];
  return [...new Set([inventory.settings.digest, ...open])];
}

/** Refuses public keys where Postfix takes the digest of something else: before 2.9.6 (RELEASE_NOTES of 2.10). */
export function checkPin({ pin }: Pick<Settings, 'pin'>, version: string): void {
  if (pin === 'certificate' || !/^2\.9\.[0-5]$/.test(version)) return;
  throw usage(
    'public-key-digest',
    `Postfix ${version} works out public key fingerprints wrongly`,
    'choose --pin certificate',
  );
}

/** What of a certificate is pinned, certificate before key. */
export function kindsOf({ pin }: Pick<Settings, 'pin'>): readonly MapEntry['kind'][] {
  return [
    ...(pin === 'public-key' ? [] : (['certificate'] as const)),
    ...(pin === 'certificate' ? [] : (['public key'] as const)),
  ];
}

/** What a line of the map has for a certificate, as Postfix writes fingerprints: upper-case hex pairs and colons. */
export function fingerprintOf(state: CertificateState, kind: MapEntry['kind'], digest: Settings['digest']): string {
  return (kind === 'certificate' ? state.fingerprint : state.publicKeyFingerprint)[digest];
}
