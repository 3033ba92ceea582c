import type { Change } from '../../lib/files/change.ts';
import type { LedgerState } from '../ledger/ledger-state.ts';
import type { RenderPlan } from '../render/plan.ts';
import type { Inventory } from '../settings/types.ts';
import { credentialFiles } from './credential-files.ts';
import { asWritten, digestLists } from './digest-lists.ts';
import type { NewKey } from './keys.ts';
import { KeyChanges } from './keys.ts';
import { type List, leftovers } from './leftovers.ts';

/** What the files of a state follow from. */
export interface StateSources {
  /** The inventory as it was stored; its hosts may be gone from the one that is wanted. */
  readonly before: Inventory | undefined;
  readonly inventory: Inventory;
  readonly ledger: LedgerState;
  readonly plan: RenderPlan;
  readonly newKeys: readonly NewKey[];
  /** A file of the state. */
  read(path: string): string | undefined;
  readonly list: List;
  /** The hosts whose files are looked at; absent: all. */
  readonly hosts?: ReadonlySet<string>;
}

/**
 * Everything below the state's folder except ledger and inventory: keys that are there, of which only the mode matters,
 * new keys, which must not meet a file of their name, what is derived, which replaces what is there, and what is to go.
 */
export function stateFiles(sources: StateSources): readonly Change[] {
  const { before, inventory, ledger, plan, newKeys, read, list, hosts } = sources;
  const isMeant = (name: string) => hosts?.has(name) ?? true;
  const keys = new KeyChanges(newKeys, read);
  keys.authority(ledger);
  keys.waiting(ledger, isMeant);
  const credentials = credentialFiles(inventory, ledger, isMeant, (path, certificate) => keys.at(path, certificate));
  const files = [...credentials, ...plan.outputs.map(asWritten)];
  // Last: a copy that was taken while a run wrote does not fit its list.
  const derived = [...files, ...digestLists(files)].map(
    (file): Change => ({
      ...{ kind: 'replace', path: file.to, rank: 'file', existing: 'replace', secret: file.mode === 0o600 },
      // Asked for when it is written: the texts of a fleet need not all be in memory at once.
      get content() {
        return file.content;
      },
    }),
  );
  const made = new Set(files.map(({ to }) => to));
  const isUsed = (path: string) => keys.isUsed(path) || made.has(path);
  const gone = leftovers({ before, inventory, ledger, list, isMeant }, isUsed);
  return [...keys.changes(), ...derived, ...gone];
}
