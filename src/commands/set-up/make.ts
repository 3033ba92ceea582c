import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stateLayout } from '../../inventory/layout.ts';
import { foldLedger } from '../../inventory/ledger-state.ts';
import { type Stored, saveState, stateChanges } from '../../inventory/store.ts';
import type { Inventory } from '../../inventory/types.ts';
import { pending } from '../../lib/files.ts';
import { readTextIfAny } from '../../lib/files-read.ts';
import type { Problem } from '../../lib/problem.ts';
import { plan } from '../../render/plan.ts';
import type { SetUpReport } from '../../report/set-up.ts';
import { overall } from '../../verify/verify.ts';
import type { Io } from '../command.ts';
import { progressLine } from '../progress.ts';
import { readTemplates } from '../templates.ts';
import { hostLines } from './host-lines.ts';
import { issueMissing } from './issue-missing.ts';
import { stateFiles } from './state-files.ts';
import { asPlanned, baseOf, verifyPlan } from './verify-plan.ts';

export interface Wish {
  readonly stored: Stored;
  /** The state's folder as the user names it. */
  readonly out: string;
  readonly inventory: Inventory;
  readonly notes: readonly Problem[];
  readonly dryRun: boolean;
  readonly quiet: boolean;
  passphrase(): Promise<string | undefined>;
}

/**
 * Issues what is missing, plans every file, has the plan judged, and writes it: in this order, so that a plan that
 * fails leaves nothing behind.
 */
export async function make(
  { stored, out, inventory, notes, dryRun, quiet, passphrase }: Wish,
  io: Io,
): Promise<SetUpReport> {
  const { root } = stored;
  const read = (path: string) => readTextIfAny(join(root, path));
  const progress = progressLine('issuing certificates:', io, quiet);
  const issued = await issueMissing(inventory, stored.state, {
    ...{ now: io.now(), random: io.random, read, passphrase },
    progress: progress.step,
  });
  progress.end();

  const ledger = foldLedger([...stored.ledger.events, ...issued.events]);
  const rendered = plan({ inventory, ledger }, readTemplates());
  const verifications = verifyPlan({
    ...{ inventory, ledger, plan: rendered, base: baseOf(inventory) },
    rendered: asPlanned(rendered),
  });
  const proof = overall(verifications.flatMap(({ rows }) => rows));

  const outcome = {
    inventory,
    events: issued.events,
    files: stateFiles(inventory, ledger, rendered, issued.keys, read),
  };
  const changes = stateChanges(stored, outcome);
  const before = new Set(changes.map(({ path }) => path).filter((path) => existsSync(join(root, path))));
  const write = !dryRun && proof !== 'broken';
  const done = write ? await saveState(stored, outcome) : pending(changes, stateLayout(root));
  const changed = [...done.written, ...done.repaired];
  return {
    ...{ out, written: write, dryRun, proof, verifications },
    created: changed.filter((path) => !before.has(path)),
    updated: changed.filter((path) => before.has(path)),
    unchanged: done.unchanged.length,
    hosts: hostLines(inventory, ledger, stored.state, out),
    digest: inventory.settings.digest,
    notes: [...stored.notes, ...notes, ...issued.notes, ...rendered.notices],
  };
}
