import { join } from 'node:path';
import type { Edit } from '../../diagnose/configuration/edit.ts';
import { usage } from '../../lib/problem.ts';
import { standardInstallDir } from '../../provision/settings/install-dir.ts';
import { type Backup, backupName, backupsOf, foldersWithBackups, pruneBackups } from './backups.ts';
import { type Judged, StepFailure } from './handlers/handler.ts';
import { repairHandlers } from './handlers/index.ts';
import type { Located } from './locate.ts';
import { type Performance, perform } from './perform.ts';
import { Snapshot, sweepLeftovers } from './snapshot.ts';
import { repairSteps } from './steps.ts';
import { readTarget } from './target.ts';

export interface RepairRequest {
  readonly edits: readonly Edit[];
  readonly now: Date;
  /** Why the edits do not help, as the configuration now lies there; undefined when they do. */
  judge(): Promise<string | undefined>;
  readonly sleep: Judged['sleep'];
  tell(text: string): void;
  readonly after?: Performance<Judged>['after'];
}

/** What a repair did, and the backup by which `certrelay apply --undo` takes it back. */
export interface Repaired {
  readonly backup: Backup['name'];
  /** Each file that was changed, with the copy of what it was. */
  readonly copies: readonly { readonly file: string; readonly backup: string }[];
  readonly reloaded: boolean;
}

/**
 * Makes the edits of a repair on this host, as an installation does: backup, edits, check, judgement, reload; all is taken
 * back when one of them fails. The caller holds the lock.
 * @throws CertrelayError
 */
export async function makeRepair({ programs, config, ...located }: Located, request: RepairRequest): Promise<Repaired> {
  const { edits, now, judge, sleep, tell, after } = request;
  const found = foldersWithBackups(programs);
  const [installDir = standardInstallDir] = found;
  if (found.length > 1) {
    const hint = 'move those away whose installation is gone; --undo could not tell which is meant';
    throw usage('repair-where', `there are backups beside several directories: ${found.join(', ')}`, hint);
  }
  const { backups } = readTarget({ installDir, files: [], maps: [] }, { programs, config, ...located });
  checkNothingCutOff(backups);
  const name = backupName(now, backups);
  const backup = join(`${installDir}.backup`, name);
  const runs = programs.runs();
  const work: Judged = {
    ...{ programs, config, installDir, backup, runs, stage: join(installDir, '.new'), sleep },
    ...{ snapshot: new Snapshot(), folders: new Map() },
    async judge() {
      const wrong = await judge();
      return wrong === undefined ? undefined : new StepFailure(wrong);
    },
  };
  sweepLeftovers(config, installDir);
  const observed = after === undefined ? {} : { after };
  await perform(repairSteps(edits, runs), { handlers: repairHandlers, work, tell, ...observed });
  pruneBackups(installDir);
  const tables = edits.flatMap((edit) => (edit.kind === 'table' ? [edit.path] : []));
  const files = edits.flatMap((edit) =>
    edit.kind === 'table' ? [] : [edit.service === undefined ? 'main.cf' : 'master.cf'],
  );
  const kept = backupsOf(installDir).find((one) => one.name === name)?.tables ?? [];
  return {
    backup: name,
    copies: [
      ...[...new Set(files)].map((file) => ({ file: join(config, file), backup: join(backup, file) })),
      ...[...new Set(tables)].map((file) => ({
        file,
        backup: join(backup, 'copies', String(kept.indexOf(file) + 1)),
      })),
    ],
    reloaded: runs,
  };
}

/** What a run that was cut off left is for that run to end, or for --undo. @throws CertrelayError (usage) */
function checkNothingCutOff(backups: readonly Backup[]): void {
  checkNoRepairCutOff(backups);
  const cutOff = backups.find(({ unfinished }) => unfinished);
  if (cutOff === undefined) return;
  throw usage(
    'apply-cut-off',
    `an installation was interrupted (${cutOff.path}); nothing was changed`,
    'run it again, or take it back with "certrelay apply --undo"',
  );
}

/** An installation must not go on from the backup of a repair. @throws CertrelayError (usage) */
export function checkNoRepairCutOff(backups: readonly Backup[]): void {
  const cutOff = backups.find(({ unfinished, isRepair }) => unfinished && isRepair);
  if (cutOff === undefined) return;
  throw usage(
    'repair-cut-off',
    `a repair by "certrelay explain --apply" was interrupted (${cutOff.path}); nothing was changed`,
    'take it back first: certrelay apply --undo',
  );
}
