import { join } from 'node:path';
import type { Append, Change, Written } from '../../lib/files/change.ts';
import { commit } from '../../lib/files/files.ts';
import { disk, type Entry, type FileOperations } from '../../lib/files/operations.ts';
import { readBytes, readTextIfAny } from '../../lib/files/read.ts';
import { CertrelayError, type Problem } from '../../lib/problem.ts';
import { foldLedger } from '../ledger/fold-ledger.ts';
import { inventoryPath, ledgerPath, stateLayout } from '../ledger/layout.ts';
import { appendEvents, grownLedger, type Ledger, parseLedger } from '../ledger/ledger.ts';
import type { LedgerState } from '../ledger/ledger-state.ts';
import { readNames } from '../settings/name-list.ts';
import type { Inventory, LedgerEvent } from '../settings/types.ts';
import { readInventory } from './inventory-file.ts';
import { headText, printInventory, shownEvents, shownSerials } from './inventory-text.ts';

/** All that a folder says, as it was when it was read. */
export interface Stored {
  readonly root: string;
  /** Absent before the first run, and after one that was killed before it was done. */
  readonly inventory: Inventory | undefined;
  readonly ledger: Ledger;
  readonly state: LedgerState;
  /**
   * The files of the last run that wrote are all there: the inventory, which is written last, tells of as many events as the
   * ledger. False as well after settings or servers were edited by hand. Worked out when it is asked for.
   */
  isSettled(): boolean;
  /** What was recovered while reading. */
  readonly notes: readonly Problem[];
}

/** A fleet of ten thousand hosts with ten certificates each has a ledger of some hundred megabytes. */
const largest = 1024 * 1_048_576;

/**
 * Reads a folder's state. Damage is a CertrelayError (exit 2) that names file and line; nothing is ever repaired here.
 * `known` is the state as it was read before; it is answered again when its files still say the same.
 */
export function loadState(root: string, files: FileOperations = disk, known?: Stored): Stored {
  const inventoryFile = join(root, inventoryPath);
  const ledgerFile = join(root, ledgerPath);
  const before = known === undefined ? undefined : sources.get(known);
  // Looked at before they are read: what is changed from here on looks otherwise the next time.
  const looks = [inventoryFile, ledgerFile].map((path) => lookOf(files.look(path))).join(' ');
  if (known !== undefined && before?.looks === looks) return known;
  const text = readTextIfAny(inventoryFile, largest, files);
  const bytes = files.look(ledgerFile) === undefined ? new Uint8Array() : readBytes(ledgerFile, largest, files);
  if (known !== undefined && before?.text === text && same(before?.bytes, bytes)) return known;
  const ledger = parseLedger(bytes, ledgerFile);
  const state = foldLedger(ledger.events, ledgerFile);
  const inventory =
    text === undefined
      ? undefined
      : (readUsualInventory(text, inventoryFile, state) ?? readInventory(text, inventoryFile));
  const problems = [...(isProblems(inventory) ? inventory : []), ...ledger.problems, ...state.problems];
  if (problems.length === 0 && text !== undefined) problems.push(...lost(text, state, inventoryFile, ledgerFile));
  if (problems.length > 0 || isProblems(inventory)) throw new CertrelayError('usage', ...problems);
  const stored: Stored = {
    ...{ root, inventory, ledger, state, notes: ledger.notes },
    isSettled: () => inventory === undefined || text?.startsWith(headText(inventory, state)) === true,
  };
  sources.set(stored, { looks, text, bytes });
  return stored;
}

/** From which contents a state was read. */
const sources = new WeakMap<Stored, Sources>();

interface Sources {
  /** The two files as they looked: another inode, length or time of change is another content. */
  readonly looks: string;
  readonly text: string | undefined;
  readonly bytes: Uint8Array;
}

function lookOf(entry: Entry | undefined): string {
  return entry === undefined ? 'none' : `${entry.identity} ${entry.size} ${entry.changed}`;
}

function same(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && Buffer.compare(one, other) === 0;
}

function isProblems(read: Inventory | readonly Problem[] | undefined): read is readonly Problem[] {
  return Array.isArray(read);
}

/** The ledger was cut at the end of a line, or taken away: without it, certificates in use would be issued again. */
function lost(text: string, state: LedgerState, inventoryFile: string, ledgerFile: string): readonly Problem[] {
  // Of a ledger that is as long as it was, nothing is lost; looking for each of a fleet's serial numbers takes longer.
  const told = shownEvents(text);
  if (told !== undefined && told <= state.events) return [];
  const serials = shownSerials(text).filter((serial) => !state.serials.has(serial));
  if (serials.length === 0) return [];
  return [
    {
      code: 'ledger-behind',
      message: `"${ledgerFile}" does not know ${serials.length === 1 ? 'a certificate' : `${serials.length} certificates`} that "${inventoryFile}" shows: it lost its end`,
      hint: 'restore the ledger from a copy',
    },
  ];
}

/** What is to become of a folder's state, with all files that come along. */
export interface Outcome {
  readonly inventory: Inventory;
  /** Appended to the ledger, in this order. */
  readonly events: readonly LedgerEvent[];
  /** Keys, certificates and renderings. */
  readonly files: readonly Change[];
  /** The state that the events lead to, where somebody has worked it out already. */
  readonly state?: LedgerState;
}

/** The changes that turn what is stored into what is wanted, for `commit` and for `pending`. */
export function stateChanges(
  stored: Stored,
  { inventory, events, files, state = stored.state.after(events) }: Outcome,
): readonly Change[] {
  const [contradiction] = state.problems;
  if (contradiction !== undefined) throw new Error(`not to be written: ${contradiction.message}`);
  const ledger: Append = appendEvents(stored.ledger, events);
  // Where no set-up is yet, a file that is there is somebody else's: of a run that was killed this early, only keys are left.
  const isFirst = ledger.size === 0 && stored.inventory === undefined;
  return [
    ...files.map((one) => (isFirst && one.kind === 'replace' ? { ...one, existing: 'refuse' as const } : one)),
    // A ledger without events would be an empty file that says nothing.
    ...(ledger.size === 0 && ledger.content === '' ? [] : [ledger]),
    {
      kind: 'replace',
      path: inventoryPath,
      rank: 'inventory',
      content: printInventory(inventory, state),
      secret: false,
      existing: 'replace',
    },
  ];
}

/** The state as it lies there once it is written, without reading it again. */
export function afterwards(stored: Stored, { inventory, events, state = stored.state.after(events) }: Outcome): Stored {
  const ledger = grownLedger(stored.ledger, events);
  return { ...stored, inventory, ledger, state, isSettled: () => true, notes: [] };
}

/** Writes the state; the caller holds the lock. Throws a CertrelayError. */
export function saveState(stored: Stored, outcome: Outcome, files: FileOperations = disk): Promise<Written> {
  return commit(stateChanges(stored, outcome), stateLayout(stored.root), files);
}

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
