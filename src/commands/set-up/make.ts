import { join } from 'node:path';
import type { Stored } from '../../inventory/store.ts';
import type { Inventory } from '../../inventory/types.ts';
import { readTextIfAny } from '../../lib/files-read.ts';
import type { Problem } from '../../lib/problem.ts';
import type { SetUpReport } from '../../report/set-up.ts';
import type { Io } from '../command.ts';
import { progressLine } from '../progress.ts';
import { hostLines } from './host-lines.ts';
import { issueMissing } from './issue-missing.ts';
import { settle } from './settle.ts';

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

/** Issues what is missing and settles on it. */
export async function make(
  { stored, out, inventory, notes, dryRun, quiet, passphrase }: Wish,
  io: Io,
): Promise<SetUpReport> {
  const progress = progressLine('issuing certificates:', io, quiet);
  const issued = await issueMissing(inventory, stored.state, {
    ...{ now: io.now(), random: io.random, passphrase, progress: progress.step },
    read: (path) => readTextIfAny(join(stored.root, path)),
  });
  progress.end();
  const settled = await settle(stored, { inventory, events: issued.events, keys: issued.keys }, { dryRun });
  const { proof, verifications, written, created, updated, unchanged } = settled;
  return {
    ...{ out, dryRun, written, proof, verifications, created, updated, unchanged },
    hosts: hostLines(inventory, settled.ledger, stored.state, out),
    digest: inventory.settings.digest,
    notes: [...stored.notes, ...notes, ...issued.notes, ...settled.notices],
  };
}
