import { successions } from '../ledger/holders.ts';
import type { LedgerState } from '../ledger/ledger-state.ts';
import type { Inventory } from '../settings/types.ts';
import { authoritySteps } from './authority-steps.ts';
import { digestSteps } from './digest-steps.ts';
import { followedSteps } from './followed-steps.ts';
import { leafSteps } from './leaf-steps.ts';
import type { RotationStep } from './step.ts';

/**
 * Every step that is due, waits, or belongs to a rotation that is under way: the authority's first, then the digest's, then
 * each server's and each client's in the inventory's order. A host whose certificate is good for a while has one step,
 * its next renewal. `hosts`: of all hosts' own steps only those of these.
 */
export function planRotation(
  inventory: Inventory,
  ledger: LedgerState,
  now: Date,
  hosts?: ReadonlySet<string>,
): readonly RotationStep[] {
  const leaves = successions(inventory, ledger);
  const steps = [...authoritySteps(inventory, ledger, leaves, now), ...digestSteps(inventory, ledger, now)];
  for (const succession of leaves) {
    if (hosts?.has(succession.holder) === false) continue;
    for (const step of leafSteps(succession, inventory, ledger, now)) steps.push(step);
  }
  for (const step of followedSteps(inventory, ledger, now)) if (hosts?.has(step.holder) !== false) steps.push(step);
  return steps;
}
