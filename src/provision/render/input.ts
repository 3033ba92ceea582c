import type { LedgerState } from '../ledger/ledger-state.ts';
import type { Inventory } from '../settings/types.ts';

/** All that a rendering depends on, beside the templates: what is wanted and what happened. */
export interface RenderInput {
  readonly inventory: Inventory;
  readonly ledger: LedgerState;
  /** Fingerprints: where given, the maps list these only, of those that they would. */
  readonly only?: ReadonlySet<string>;
}
