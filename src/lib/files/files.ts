import { dirname } from 'node:path';
import { holdSignals } from '../signals.ts';
import type { Append, Change, Layout, Written } from './change.ts';
import { ranks } from './change.ts';
import { checkTargets, type Folder, type Target, type Targets, temporary } from './check.ts';
import { disk, type FileOperations } from './operations.ts';
import { filesProblem, isErrno, onPath } from './problem.ts';

/**
 * Many files are changed as if they were one thing:
 *   1. every target is looked at; what must not be touched refuses the whole;
 *   2. every new content is written under a temporary name in its folder and flushed: a full disk ends here, and what
 *      was made so far is taken away again;
 *   3. the names are changed in the order of `ranks`, and each rank is on the disk before the next one begins; what is
 *      to go away goes last, when nothing needs it any more.
 * A signal takes back step 2; once names are changed, the changes are completed first. Whoever dies between two steps all
 * the same leaves files that are old or new but never mixed, and temporary ones, which the next
 * run replaces. Only one writer at a time may do this; the lock is the caller's.
 */

// Open files are few (often 1,024 a process), and flushing some at once is all that the disk needs.
const batchSize = 128;

/** Makes the changes; see the head of this file. `step` is told how many files are written. Throws a CertrelayError. */
export async function commit(
  changes: readonly Change[],
  layout: Layout,
  files: FileOperations = disk,
  step: (done: number, total: number) => void = () => {},
): Promise<Written> {
  const targets = checkTargets(changes, layout, files);
  const held = holdSignals();
  try {
    const written = await put(targets, files, async (done, total) => {
      await held.check();
      step(done, total);
    });
    return { ...report(targets), written };
  } finally {
    await held.release();
  }
}

/** Steps 2 and 3 of `commit`; answers what was written. */
async function put(
  targets: Targets,
  files: FileOperations,
  step: (done: number, total: number) => Promise<void>,
): Promise<readonly string[]> {
  const due = targets.files.filter(({ state }) => state === 'new');
  await stage(due, targets.folders, files, step);
  for (const { path, mode } of [...targets.folders, ...targets.files].filter(({ state }) => state === 'mode')) {
    onPath('cannot set the mode of', path, () => files.setMode(path, mode));
  }
  const written: string[] = [];
  for (const rank of ranks) {
    const now = due.filter(({ change }) => change.rank === rank && change.kind !== 'remove');
    for (const { path, change } of now) {
      if (change.kind === 'append') await append(path, change, files);
      else onPath('cannot write', path, () => files.rename(temporary(path), path));
      written.push(change.path);
    }
    await flushFolders(new Set(now.map(({ path }) => dirname(path))), files);
  }
  const removed = due.filter(({ change }) => change.kind === 'remove').map(({ path }) => path);
  await removeFiles(removed, targets.root, files);
  return written;
}

/**
 * Makes the root and what is missing above it, with the checks of `commit`; answers what it made, outermost first. Another
 * process may make the same folders at the same moment: this is called before anyone holds a lock.
 */
export function makeRoot(layout: Layout, files: FileOperations = disk): readonly string[] {
  const made: string[] = [];
  for (const { path, mode, state } of checkTargets([], layout, files).folders) {
    if (state !== 'new') continue;
    try {
      files.makeFolder(path, mode);
      made.push(path);
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw filesProblem('cannot make the folder', path, error);
    }
  }
  // What the other one made is looked at as well.
  checkTargets([], layout, files);
  return made;
}

/** What `commit` would do, without doing it: for dry runs, and for checks that report pending changes. */
export function pending(changes: readonly Change[], layout: Layout, files: FileOperations = disk): Written {
  return report(checkTargets(changes, layout, files));
}

function report({ files, folders }: Targets): Written {
  const isRemoved = ({ change, state }: Target) => change.kind === 'remove' && state === 'new';
  const paths = (state: Target['state']) =>
    files.filter((file) => file.state === state && !isRemoved(file)).map(({ change }) => change.path);
  const repaired = folders.filter(({ state }) => state === 'mode').map(({ inner }) => inner);
  return {
    written: paths('new'),
    repaired: [...repaired, ...paths('mode')],
    removed: files.filter(isRemoved).map(({ change }) => change.path),
    unchanged: paths('same'),
  };
}

/** Step 2 of `commit`. */
async function stage(
  due: readonly Target[],
  folders: readonly Folder[],
  files: FileOperations,
  step: (done: number, total: number) => Promise<void>,
): Promise<void> {
  const made: string[] = [];
  const staged: string[] = [];
  try {
    if (due.length > 0) {
      for (const { path, mode } of folders.filter(({ state }) => state === 'new')) {
        onPath('cannot make the folder', path, () => files.makeFolder(path, mode));
        made.push(path);
      }
      await flushFolders(new Set(made.map((path) => dirname(path))), files);
    }
    for (const batch of batches(due)) {
      await stageFiles(batch, staged, files);
      await step(staged.length, due.length);
    }
  } catch (error) {
    undo(staged, made, files);
    throw error;
  }
}

async function stageFiles(batch: readonly Target[], staged: string[], files: FileOperations): Promise<void> {
  const open: number[] = [];
  try {
    for (const { path, change, mode } of batch) {
      if (change.kind !== 'replace') continue;
      const name = temporary(path);
      onPath('cannot write', path, () => {
        if (files.look(name) !== undefined) files.remove(name);
        const file = files.create(name, mode);
        staged.push(name);
        open.push(file);
        files.write(file, change.content);
      });
    }
    await flushing(batch[0]?.path ?? '', () => files.flush(open));
  } finally {
    for (const file of open) files.close(file);
  }
}

async function flushFolders(folders: ReadonlySet<string>, files: FileOperations): Promise<void> {
  for (const batch of batches([...folders])) await flushing(batch[0] ?? '', () => files.flushFolders(batch));
}

/** A failed flush tells no name; the first of the batch at least says where. */
async function flushing(path: string, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    throw filesProblem('cannot write', path, error);
  }
}

/** After a failure in step 2; what cannot be taken away is left, for the first error is the one to tell. */
function undo(staged: readonly string[], made: readonly string[], files: FileOperations): void {
  const attempts = [
    ...staged.map((name) => () => files.remove(name)),
    ...made.toReversed().map((folder) => () => files.removeFolder(folder)),
  ];
  for (const attempt of attempts) {
    try {
      attempt();
    } catch {
      // Left behind; the next run replaces it.
    }
  }
}

async function append(path: string, { content, keep }: Append, files: FileOperations): Promise<void> {
  const file = onPath('cannot write', path, () => files.openToAppend(path, 0o644));
  try {
    if (files.size(file) > keep) files.truncate(file, keep);
    try {
      files.write(file, content);
      await files.flush([file]);
    } catch (error) {
      // Half a line would be taken for a torn write, which is right; none at all is better.
      files.truncate(file, keep);
      throw error;
    }
  } catch (error) {
    throw filesProblem('cannot write', path, error);
  } finally {
    files.close(file);
  }
}

function* batches<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += batchSize) yield items.slice(start, start + batchSize);
}

/**
 * Takes files away, and each folder below the root that is empty then. A folder that holds anything else stays: it is
 * not known whose that is. The folders that remain are flushed, so that a removed key does not come back after a crash.
 */
async function removeFiles(paths: readonly string[], root: string, files: FileOperations): Promise<void> {
  const left = new Set<string>();
  for (const path of paths) {
    removeIfThere(path, files);
    let folder = dirname(path);
    while (folder.startsWith(`${root}/`) && isRemoved(folder, files)) {
      left.delete(folder);
      folder = dirname(folder);
    }
    left.add(folder);
  }
  await files.flushFolders([...left].filter((folder) => files.look(folder) !== undefined));
}

/** What is gone by now is as it should be: a temporary name that a killed run left may have been used and given up since. */
function removeIfThere(path: string, files: FileOperations): void {
  onPath('cannot remove', path, () => {
    try {
      files.remove(path);
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
    }
  });
}

function isRemoved(folder: string, files: FileOperations): boolean {
  try {
    files.removeFolder(folder);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOTEMPTY') || isErrno(error, 'EEXIST')) return false;
    throw error;
  }
}
