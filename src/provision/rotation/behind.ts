import type { LedgerState } from '../ledger/ledger-state.ts';
import type { Inventory } from '../settings/types.ts';
import { isPublished } from './publication.ts';

/**
 * Hosts that are known to have taken their files once, and not since these changed for a step of a rotation or a removal.
 * Hosts that never said anything are left out, for nothing is known of them; but a client that was revoked relays until the
 * servers have their new maps, so there silence counts as no.
 */
export function hostsBehind(inventory: Inventory, ledger: LedgerState): readonly string[] {
  const { settings, servers, clients } = inventory;
  const latest = latestOf(ledger, new Set(servers.map(({ name }) => name)));
  const exchange = ledger.digestExchange;
  const digest = Math.max(...[exchange?.admitted, exchange?.handed, exchange?.retired].map((one) => one?.order ?? 0));
  // Where the lines are in a database, a server's files say the digest and no line.
  const hasTable = isPublished(inventory);
  const moved = ledger.tableMoved?.order ?? 0;
  const map = hasTable
    ? Math.max(latest.bundle, exchange?.handed?.order ?? 0, moved)
    : Math.max(latest.bundle, digest, latest.lines, moved);
  const pins = settings.clientLevel === 'fingerprint' ? Math.max(latest.bundle, digest, latest.pins) : latest.bundle;
  const mustAnswer = new Set(latest.revoked > 0 && (!hasTable || moved > 0) ? servers.map(({ name }) => name) : []);
  const changed = new Map<string, number>();
  for (const [hosts, order] of [
    [servers, map],
    [clients, pins],
  ] as const) {
    for (const { name } of hosts) {
      // Nobody else can be behind, and of a fleet few ever said anything.
      if (ledger.installed.has(name) || mustAnswer.has(name))
        changed.set(name, Math.max(changed.get(name) ?? 0, order));
    }
  }
  for (const [name, order] of latest.own) {
    const present = changed.get(name);
    if (present !== undefined && present < order) changed.set(name, order);
  }
  return [...changed]
    .filter(([name, order]) => (ledger.installed.get(name)?.order ?? (mustAnswer.has(name) ? 0 : order)) < order)
    .map(([name]) => name);
}

/** Orders of the last events that changed files. */
interface Latest {
  /** What is in every host's bundle of authorities. */
  readonly bundle: number;
  /** The lines of the maps. */
  readonly lines: number;
  /** The servers' certificates as clients pin them. */
  readonly pins: number;
  /** A line of the maps was revoked. */
  readonly revoked: number;
  /** By host: a certificate of its own was handed over; of servers, and of hosts that ever said something. */
  readonly own: ReadonlyMap<string, number>;
}

/** All of it in one look at each certificate, for a fleet has tens of thousands. */
function latestOf({ certificates, listed, installed }: LedgerState, servers: ReadonlySet<string>): Latest {
  let [bundle, lines, pins, revoked] = [0, 0, 0, 0];
  const own = new Map<string, number>();
  for (const { role, holder, order, admitted } of certificates) {
    const last = Math.max(order.admitted ?? 0, order.retired ?? 0, order.revoked ?? 0);
    if (role === 'authority') {
      bundle = Math.max(bundle, last);
      continue;
    }
    if (role === 'server') pins = Math.max(pins, last);
    else {
      lines = Math.max(lines, last);
      if (admitted !== undefined) revoked = Math.max(revoked, order.revoked ?? 0);
    }
    // Where it is known to be in use, its files were taken, whoever saw it.
    if (order.handed === undefined || order.deployed !== undefined) continue;
    if (installed.has(holder) || servers.has(holder)) own.set(holder, Math.max(own.get(holder) ?? 0, order.handed));
  }
  for (const { order } of listed) {
    lines = Math.max(lines, order.listed ?? 0, order.retired ?? 0, order.revoked ?? 0);
    revoked = Math.max(revoked, order.revoked ?? 0);
  }
  return { bundle, lines, pins, revoked, own };
}
