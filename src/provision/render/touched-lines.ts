import type { CertificateState } from '../ledger/ledger-state.ts';
import type { Inventory } from '../settings/types.ts';
import type { RenderInput } from './input.ts';

/** Where more certificates differ, whole maps are compared as quickly. */
const most = 100;

/**
 * The fingerprints, in every digest, of all client certificates that are other ones in two states, or only in one: every line
 * of the servers' maps with another fingerprint is the same in both, for it follows from certificates that are. Undefined
 * where what differs is not a few certificates: then whole maps tell.
 */
export function touchedLines(before: RenderInput, after: RenderInput): ReadonlySet<string> | undefined {
  if (general(before) !== general(after)) return undefined;
  const isSameLines = sameItems(before.ledger.listed, after.ledger.listed);
  if (!isSameLines || !sameItems(before.ledger.kept, after.ledger.kept)) return undefined;
  const touched = new Set<string>();
  let count = 0;
  for (const [one, other] of clientLists(before, after)) {
    if (one === other) continue;
    for (const certificate of exchanged(one, other)) {
      if (++count > most) return undefined;
      for (const set of [certificate.fingerprint, certificate.publicKeyFingerprint]) {
        for (const fingerprint of Object.values(set)) touched.add(fingerprint);
      }
    }
  }
  return touched;
}

/** What decides which fingerprints of a certificate are listed. */
function general({ inventory, ledger }: RenderInput): string {
  return JSON.stringify([inventory.settings, ledger.digestExchange ?? null]);
}

function sameItems(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, i) => item === other[i]);
}

type List = readonly CertificateState[];

/** The certificates of every client of either, in both. */
function* clientLists(before: RenderInput, after: RenderInput): Generator<readonly [List, List]> {
  const all = ({ clients }: Inventory) => new Set(clients.map(({ name }) => name));
  const old = all(before.inventory);
  const present = before.inventory.clients === after.inventory.clients ? old : all(after.inventory);
  for (const name of old) yield [listOf(before, name), present.has(name) ? listOf(after, name) : nothing];
  for (const name of present) if (!old.has(name)) yield [nothing, listOf(after, name)];
}

const nothing: List = [];

function listOf({ ledger }: RenderInput, name: string): List {
  return ledger.of(name, 'client');
}

/** Those that are in one list only. A certificate to which something happened is another. */
function exchanged(one: List, other: List): List {
  return [
    ...one.filter((certificate) => !other.includes(certificate)),
    ...other.filter((certificate) => !one.includes(certificate)),
  ];
}
