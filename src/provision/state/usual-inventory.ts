import type { LedgerState } from '../ledger/ledger-state.ts';
import { readNames } from '../settings/name-list.ts';
import type { Inventory } from '../settings/types.ts';
import { readInventory } from './inventory-file.ts';
import { printInventory } from './inventory-text.ts';

const clientsStart = '\n  "clients": [\n';
const nameStart = '\n      "name": "';

/**
 * Reads a text of inventory.json that is, to the last character, what would be printed after the events of the ledger: as the
 * last run left it. Nearly all of a fleet's inventory is a view of the ledger, which is known already, so it is compared and
 * never taken apart. Undefined for any other text, which may mean the same.
 */
export function readUsualInventory(text: string, file: string, ledger: LedgerState): Inventory | undefined {
  const start = text.indexOf(clientsStart);
  if (start < 0) return undefined;
  const rest = readInventory(`${text.slice(0, start)}\n  "clients": []\n}\n`, file);
  const names = readNames(namesFrom(text, start), { problems: [], notes: [], source: file });
  if (names === undefined || !('clients' in rest)) return undefined;
  // The ledger's own texts where they are equal: a fleet's hosts are looked up by name again and again.
  const clients = names.map((name) => ({ name: ledger.of(name)[0]?.holder ?? name }));
  const inventory = { ...rest, clients };
  return text === printInventory(inventory, ledger) ? inventory : undefined;
}

/** What stands where names stand; whether it is one, the comparison tells. */
function namesFrom(text: string, start: number): readonly { readonly text: string }[] {
  const names: { text: string }[] = [];
  for (let at = text.indexOf(nameStart, start); at >= 0; at = text.indexOf(nameStart, at)) {
    at += nameStart.length;
    names.push({ text: text.slice(at, text.indexOf('"', at)) });
  }
  return names;
}
