import type { LedgerState } from '../ledger/ledger-state.ts';
import type { Inventory, LedgerEvent } from '../settings/types.ts';
import type { RotationStep } from './step.ts';

/** What steps lead to when they are performed. */
export interface Performed {
  readonly inventory: Inventory;
  readonly events: readonly LedgerEvent[];
}

const moments = { admit: 'admitted', deploy: 'handed', retire: 'retired' } as const;

/** Performs steps of every kind but `issue`, which needs a key. `at` is the time of the events. */
export function perform(
  steps: readonly RotationStep[],
  inventory: Inventory,
  ledger: LedgerState,
  at: string,
): Performed {
  let wanted = inventory;
  const events = steps.flatMap((step): readonly LedgerEvent[] => {
    if (step.kind === 'issue') return [];
    const moment = moments[step.kind];
    if (step.serial !== undefined) return [{ at, event: moment, holder: step.holder, serial: step.serial }];
    const exchange = ledger.digestExchange;
    if (exchange === undefined) return [];
    const { from, to, overlap } = exchange;
    if (moment === 'handed') wanted = { ...wanted, settings: { ...wanted.settings, digest: to } };
    return [{ at, event: 'digest', moment, from, to, overlap }];
  });
  return { inventory: wanted, events };
}
