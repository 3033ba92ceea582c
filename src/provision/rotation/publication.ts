import { lacking } from '../ledger/holders.ts';
import type { LedgerState } from '../ledger/ledger-state.ts';
import { databaseType } from '../settings/table-type.ts';
import type { Inventory } from '../settings/types.ts';
import type { Waiting } from './step.ts';

type Wanted = Pick<Inventory, 'settings'>;

/** Whether the servers share a table in a database, which has new lines when it is published and not when files are copied. */
export function isPublished({ settings }: Wanted): boolean {
  return settings.tableType === databaseType;
}

/** The table has had no publication since the moment of that order. */
export function lacksPublication({ published }: LedgerState, order: number | undefined): boolean {
  return order !== undefined && (published?.order ?? 0) < order;
}

/**
 * What a line that was admitted at that moment waits for: its publication, and servers that are not known to look there since
 * the map went into a database.
 */
export function waitingForTable(
  { servers }: Pick<Inventory, 'servers'>,
  ledger: LedgerState,
  order: number | undefined,
): readonly Waiting[] {
  const hosts = lacking(servers, ledger, ledger.tableMoved?.order);
  return [
    ...(lacksPublication(ledger, order) ? [{ kind: 'publication' } as const] : []),
    ...(hosts.length > 0 ? [{ kind: 'hosts', files: 'map', hosts } as const] : []),
  ];
}

/** What changed the lines last, in the order of what happened; nothing when there are none. */
export function lastLineChange(ledger: LedgerState): number | undefined {
  const exchange = ledger.digestExchange;
  let last = Math.max(exchange?.admitted.order ?? 0, exchange?.retired?.order ?? 0);
  for (const { role, order } of ledger.certificates) {
    if (role === 'client') last = Math.max(last, order.admitted ?? 0, order.retired ?? 0, order.revoked ?? 0);
  }
  for (const { order } of ledger.listed) {
    last = Math.max(last, order.listed ?? 0, order.retired ?? 0, order.revoked ?? 0);
  }
  return last === 0 ? undefined : last;
}

/** The lines that follow from the ledger are not known to be in the database. */
export function publicationIsDue(inventory: Wanted, ledger: LedgerState): boolean {
  return isPublished(inventory) && (ledger.published === undefined || lacksPublication(ledger, lastLineChange(ledger)));
}
