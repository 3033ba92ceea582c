import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stateLayout } from '../../inventory/layout.ts';
import { foldLedger, type LedgerState } from '../../inventory/ledger-state.ts';
import { type Stored, saveState, stateChanges } from '../../inventory/store.ts';
import type { Inventory, LedgerEvent } from '../../inventory/types.ts';
import { type Change, pending } from '../../lib/files.ts';
import { readTextIfAny } from '../../lib/files-read.ts';
import type { Problem } from '../../lib/problem.ts';
import { plan } from '../../render/plan.ts';
import type { ServerVerification } from '../../report/verification.ts';
import { type Outcome, overall } from '../../verify/verify.ts';
import { readTemplates } from '../templates.ts';
import type { NewKey } from './issue-missing.ts';
import { stateFiles } from './state-files.ts';
import { asPlanned, baseOf, verifyPlan } from './verify-plan.ts';

/** What a run wants the state to become. */
export interface Step {
  readonly inventory: Inventory;
  /** What happened since the ledger was read. */
  readonly events: readonly LedgerEvent[];
  readonly keys: readonly NewKey[];
}

/** What became of it. */
export interface Settled {
  /** The proof; `broken` means that nothing was written. */
  readonly proof: Outcome;
  readonly verifications: readonly ServerVerification[];
  readonly ledger: LedgerState;
  /** False after a dry run, and when the proof failed. */
  readonly written: boolean;
  /** Paths below the state's folder, in the order in which they took effect. */
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly unchanged: number;
  /** Every change that was considered, for those who show differences. */
  readonly changes: readonly Change[];
  readonly notices: readonly Problem[];
}

/**
 * Plans every file that follows from a step, has the plan judged, and writes it: in this order, so that a step with
 * which the wrong clients could relay, or the right ones could not, leaves nothing behind.
 * `before` sees the changes that are about to be made, while the old files are still there.
 */
export async function settle(
  stored: Stored,
  { inventory, events, keys }: Step,
  { dryRun = false, before = () => {} }: { readonly dryRun?: boolean; before?(changes: readonly Change[]): void } = {},
): Promise<Settled> {
  const { root } = stored;
  const read = (path: string) => readTextIfAny(join(root, path));
  const ledger = foldLedger([...stored.ledger.events, ...events]);
  const rendered = plan({ inventory, ledger }, readTemplates());
  const verifications = verifyPlan({
    ...{ inventory, ledger, plan: rendered, base: baseOf(inventory) },
    rendered: asPlanned(rendered),
  });
  const proof = overall(verifications.flatMap(({ rows }) => rows));

  const outcome = { inventory, events, files: stateFiles(inventory, ledger, rendered, keys, read) };
  const changes = stateChanges(stored, outcome);
  before(changes);
  const existed = new Set(changes.map(({ path }) => path).filter((path) => existsSync(join(root, path))));
  const written = !dryRun && proof !== 'broken';
  const done = written ? await saveState(stored, outcome) : pending(changes, stateLayout(root));
  const changed = [...done.written, ...done.repaired];
  return {
    ...{ proof, verifications, ledger, written, changes },
    created: changed.filter((path) => !existed.has(path)),
    updated: changed.filter((path) => existed.has(path)),
    unchanged: done.unchanged.length,
    notices: rendered.notices,
  };
}
