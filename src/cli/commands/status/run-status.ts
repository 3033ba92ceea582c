import { resolve } from 'node:path';
import { disk, type FileOperations } from '../../../lib/files/operations.ts';
import { mayBeAlive } from '../../../lib/files/process.ts';
import { exitCodes, type Problem } from '../../../lib/problem.ts';
import { lockPath } from '../../../provision/ledger/layout.ts';
import type { LedgerState } from '../../../provision/ledger/ledger-state.ts';
import { plan } from '../../../provision/render/plan.ts';
import { hostsBehind } from '../../../provision/rotation/behind.ts';
import { followedDrift } from '../../../provision/rotation/followed-places.ts';
import { planRotation } from '../../../provision/rotation/plan.ts';
import { isPublished, publicationIsDue } from '../../../provision/rotation/publication.ts';
import { awaitedHosts } from '../../../provision/rotation/selection.ts';
import { standings } from '../../../provision/rotation/standing.ts';
import { readThreshold } from '../../../provision/rotation/threshold.ts';
import type { Inventory } from '../../../provision/settings/types.ts';
import { type Drift, findDrift } from '../../../provision/state/drift.ts';
import { expectedOf } from '../../../provision/state/expected.ts';
import { type Folder, lookAt } from '../../../provision/state/folder.ts';
import { readOwner } from '../../../provision/state/lock-file.ts';
import type { Stored } from '../../../provision/state/store.ts';
import { readTemplates } from '../../../provision/state/templates.ts';
import { noteText } from '../../../report/problem.ts';
import { isWell, type StatusReport, statusDocument, statusText } from '../../../report/status.ts';
import type { Io, Options } from '../../command.ts';
import { progressLine } from '../../progress.ts';
import { existingState, outOf } from '../../state.ts';
import { writeMetrics } from './metrics-file.ts';
import { scopeOf } from './scope.ts';

/** certrelay status: what there is, what is due, what drifted. Reads only, and so needs no lock. */
export async function runStatus(options: Options, io: Io, files?: FileOperations): Promise<number> {
  const expiresIn = typeof options.expiresIn === 'string' ? readThreshold(options.expiresIn) : undefined;
  const stored = existingState(options, io, undefined, files);
  const { inventory, state } = stored;
  const now = io.now();
  const folder = lookAt(stored.root);
  const templates = readTemplates();
  const scope = scopeOf(stored, folder, templates, { all: options.all === true });
  const progress = progressLine('comparing hosts:', io, options.quiet === true);
  const rendered = plan({ inventory, ledger: state }, templates, scope.hosts && [...scope.hosts], progress.step);
  progress.end();
  const planned = planRotation(inventory, state, now);
  const awaited = new Set(awaitedHosts(planned));
  const report: StatusReport = {
    out: outOf(options),
    at: now.toISOString(),
    digest: inventory.settings.digest,
    standings: standings({
      ...{ inventory, ledger: state, steps: planned, now },
      ...(expiresIn === undefined ? {} : { expiresIn }),
    }),
    // The others stand in the table beside their certificates.
    steps: planned.filter(({ serial, done }) => serial === undefined && !done),
    behind: hostsBehind(inventory, state).filter((host) => !awaited.has(host)),
    ...publicationOf(inventory, state),
    drift: [
      ...tornLedger(stored),
      ...findDrift(expectedOf(stored, rendered, folder, scope), folder),
      ...staleLock(stored.root),
      ...followedDrift(inventory, state, now),
    ],
    untouched: scope.untouched,
    kept: state.kept.length,
    notes: notesOf(stored, folder),
    all: options.all === true,
  };
  if (typeof options.metrics === 'string') {
    await writeMetrics(options.metrics, report, { inventory, ledger: state, rendered, folder }, options, io);
  }
  tell(report, options, io);
  return exitCodes[isWell(report) ? 'done' : 'findings'][0];
}

function tell(report: StatusReport, options: Options, io: Io): void {
  if (options.json === true) {
    io.stdout.write(`${JSON.stringify(statusDocument(report), undefined, 2)}\n`);
    return;
  }
  if (options.quiet !== true) for (const note of report.notes) io.stderr.write(noteText(note));
  if (options.quiet !== true || !isWell(report)) io.stdout.write(statusText(report));
}

/** How the table stands that the servers share, as far as the ledger tells; nothing where each has a file. */
function publicationOf(inventory: Inventory, state: LedgerState): Pick<StatusReport, 'publication'> {
  if (!isPublished(inventory)) return {};
  const { published, events } = state;
  const last =
    published === undefined ? undefined : { at: published.at, position: published.position, table: published.table };
  return { publication: { last, events, due: publicationIsDue(inventory, state) } };
}

/** A ledger that ends in the middle of a line is what a killed run leaves; loading has passed that line over. */
function tornLedger({ ledger, notes }: Stored): readonly Drift[] {
  return ledger.intact === ledger.size
    ? []
    : notes.map(({ message }) => ({
        kind: 'leftover',
        path: 'ledger.jsonl',
        message,
        hint: 'a run was killed; the next one that writes cuts it off',
      }));
}

/** A lock whose owner is gone; the next run takes it over. */
function staleLock(root: string): readonly Drift[] {
  const owner = readOwner(resolve(root, lockPath), disk);
  if (owner === undefined || (owner !== 'unreadable' && mayBeAlive(owner))) return [];
  const whose =
    owner === 'unreadable' ? 'says nothing' : `is that of "${owner.command}" (pid ${owner.pid}), which is gone`;
  return [{ kind: 'leftover', path: lockPath, message: whose, hint: 'the next run that writes takes the lock over' }];
}

function notesOf(
  { root, ledger, notes }: Stored & { readonly inventory: Inventory },
  folder: Folder,
): readonly Problem[] {
  const owner = readOwner(resolve(root, lockPath), disk);
  const busy =
    owner === undefined || owner === 'unreadable' || !mayBeAlive(owner)
      ? []
      : [
          {
            code: 'run-under-way',
            message: `"${owner.command}" (pid ${owner.pid}) is at work since ${owner.since}: files may be about to change`,
          },
        ];
  const closed =
    folder.closed.length === 0
      ? []
      : [
          {
            code: 'folders-closed',
            message: `${folder.closed.length} ${folder.closed.length === 1 ? 'folder is' : 'folders are'} closed to this user: the files in there were not looked at`,
            hint: 'run status as the user that owns the folder',
          },
        ];
  return [...(ledger.intact === ledger.size ? notes : []), ...busy, ...closed];
}
