import type { LedgerState } from '../ledger/ledger-state.ts';
import type { Inventory, LedgerEvent } from '../settings/types.ts';
import type { Stored } from './store.ts';

/**
 * The hosts whose files can come out differently after a step: the servers, for their maps, and the clients that the step is
 * about. Undefined means all: where settings, servers or an authority change, and where the files of the last run are not
 * all there. What somebody changed in the folder of another host is not looked at; `render --check` compares everything.
 */
export function concernedHosts(
  { inventory: before, isSettled }: Stored,
  { inventory, events }: { readonly inventory: Inventory; readonly events: readonly LedgerEvent[] },
  ledger: LedgerState,
): readonly string[] | undefined {
  if (before === undefined || isGeneral(before, inventory) || !isSettled()) return undefined;
  const hosts = new Set([...inventory.servers.map(({ name }) => name), ...exchanged(before, inventory)]);
  for (const event of events) {
    if (event.event === 'digest' || event.event === 'listed' || event.event === 'kept') return undefined;
    // A publication changes what the database has, and no file.
    if (event.event === 'published' || event.event === 'table') continue;
    // Whoever has its files now is no other in what they say.
    const isSaid = event.event === 'installed';
    if (!isSaid && !ledger.of(event.holder, 'client').some(({ serial }) => serial === event.serial)) return undefined;
    hosts.add(event.holder);
  }
  return [...hosts].sort();
}

/** Whether something changes that every host's files may say. */
function isGeneral(before: Inventory, after: Inventory): boolean {
  const general = ({ authority, settings, servers }: Inventory) => JSON.stringify([authority, settings, servers]);
  return general(before) !== general(after);
}

/** Clients that come and clients that go. */
function exchanged(before: Inventory, after: Inventory): readonly string[] {
  const names = (clients: Inventory['clients']) => new Set(clients.map(({ name }) => name));
  const [old, present] = [names(before.clients), names(after.clients)];
  return [...[...old].filter((name) => !present.has(name)), ...[...present].filter((name) => !old.has(name))];
}
