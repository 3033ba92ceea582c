import { basename, dirname, join, normalize } from 'node:path';
import { CertrelayError, usage } from '../problem.ts';
import type { Change, Layout } from './change.ts';
import type { Entry, FileOperations } from './operations.ts';
import { onPath } from './problem.ts';

/** A change and what it meets on the disk. */
export interface Target {
  readonly change: Change;
  /** The root and the path of the change, joined. */
  readonly path: string;
  readonly mode: number;
  /** `same`: nothing to do; `mode`: only the mode is wrong; `new`: the content is. */
  readonly state: State;
}

export interface Folder {
  readonly path: string;
  /** Relative to the root; empty for the root and what is above it. */
  readonly inner: string;
  readonly mode: number;
  /** `new`: it is not there. */
  readonly state: State;
}

type State = 'same' | 'mode' | 'new';

export interface Targets {
  /** The root, normalized, without a slash at its end. */
  readonly root: string;
  readonly files: readonly Target[];
  /** Every folder that the files need, outer ones first. */
  readonly folders: readonly Folder[];
}

/**
 * Looks at everything that the changes would touch, before any is made. Refuses links, other people's folders, things
 * that are not files, and files that must not be replaced.
 */
export function checkTargets(changes: readonly Change[], layout: Layout, files: FileOperations): Targets {
  const folders = new Map<string, Folder>();
  const root = normalize(layout.root).replace(/(?<=.)\/$/, '');
  checkRoot(root, files, folders);
  const targets = changes.map((change) => {
    const inner = normalize(change.path);
    if (inner !== change.path || inner.startsWith('/') || inner === '..' || inner.startsWith('../')) {
      throw new Error(`not a path below the root: ${change.path}`);
    }
    const path = join(root, inner);
    const entry = onPath('cannot write', path, () => files.look(path));
    // What is to go away and is not there needs no folder.
    if (entry !== undefined || change.kind !== 'remove') checkInner(dirname(inner), root, layout, files, folders);
    if (entry !== undefined) checkFile(path, entry);
    return { change, path, mode: modeOf(change), state: stateOf(change, path, entry, files) };
  });
  return { root, files: targets, folders: [...folders.values()] };
}

function modeOf(change: Change): number {
  return (change.kind === 'replace' || change.kind === 'keep') && change.secret ? 0o600 : 0o644;
}

/** The root may have to be made with all that is above it; what exists above it is the user's own choice. */
function checkRoot(root: string, files: FileOperations, folders: Map<string, Folder>): void {
  const entry = onPath('cannot write', root, () => files.look(root));
  if (entry !== undefined) {
    checkFolder(root, entry, files);
    // Its mode is left alone: the user may have named a folder that holds other things, even /tmp.
    folders.set(root, { path: root, inner: '', mode: entry.mode, state: 'same' });
    return;
  }
  checkAbove(dirname(root), files, folders);
  folders.set(root, { path: root, inner: '', mode: 0o755, state: 'new' });
}

function checkAbove(path: string, files: FileOperations, folders: Map<string, Folder>): void {
  const entry = onPath('cannot write', path, () => files.look(path));
  if (entry?.kind === 'file') throw notFolder(path);
  if (entry !== undefined || path === dirname(path)) return;
  checkAbove(dirname(path), files, folders);
  folders.set(path, { path, inner: '', mode: 0o755, state: 'new' });
}

function checkInner(
  inner: string,
  root: string,
  layout: Layout,
  files: FileOperations,
  folders: Map<string, Folder>,
): void {
  const path = join(root, inner);
  if (inner === '.' || folders.has(path)) return;
  checkInner(dirname(inner), root, layout, files, folders);
  const mode = layout.isPrivate(inner) ? 0o700 : 0o755;
  const entry = onPath('cannot write', path, () => files.look(path));
  if (entry === undefined) {
    folders.set(path, { path, inner, mode, state: 'new' });
    return;
  }
  checkFolder(path, entry, files);
  // Only ever tightened: whoever closed a folder further had a reason.
  const kept = entry.mode & mode;
  folders.set(path, { path, inner, mode: kept, state: kept === entry.mode ? 'same' : 'mode' });
}

function checkFolder(path: string, entry: Entry, files: FileOperations): void {
  if (entry.kind === 'link') {
    throw usage(
      'folder-link',
      `"${path}" is a symbolic link`,
      'name the real folder; links are not followed for writing',
    );
  }
  if (entry.kind !== 'folder') throw notFolder(path);
  if (entry.owner !== files.user()) {
    throw usage(
      'folder-foreign',
      `"${path}" belongs to another user (uid ${entry.owner})`,
      'run certrelay as that user, or name a folder of your own with --out',
    );
  }
}

function notFolder(path: string): CertrelayError {
  return usage('folder-not', `"${path}" is a file, where a folder is needed`, 'name another folder with --out');
}

function checkFile(path: string, entry: Entry): void {
  if (entry.kind === 'link') {
    throw usage('file-link', `"${path}" is a symbolic link`, 'links are not followed for writing; remove it');
  }
  if (entry.kind !== 'file') throw usage('file-not', `"${path}" is not a file, where one is needed`, 'move it away');
}

function stateOf(change: Change, path: string, entry: Entry | undefined, files: FileOperations): State {
  if (change.kind === 'append') {
    if ((entry?.size ?? 0) === change.size)
      return change.content === '' && change.keep === change.size ? 'same' : 'new';
    throw new CertrelayError('failure', {
      code: 'file-changed-meanwhile',
      message: `"${path}" was changed by somebody else since it was read`,
      hint: 'run the same command again',
    });
  }
  if (change.kind === 'remove') return entry === undefined ? 'same' : 'new';
  const isModeRight = entry?.mode === modeOf(change);
  if (change.kind === 'keep') return entry === undefined || isModeRight ? 'same' : 'mode';
  if (entry === undefined) return 'new';
  if (sameContent(change.content, path, entry, files)) return isModeRight ? 'same' : 'mode';
  if (change.existing === 'replace') return 'new';
  throw usage(
    'file-exists',
    `"${path}" exists and is never overwritten`,
    'move it away, or name another folder with --out',
  );
}

function sameContent(content: string | Uint8Array, path: string, entry: Entry, files: FileOperations): boolean {
  // Most large files that change change their length, and need not be encoded to tell.
  if (entry.size !== (typeof content === 'string' ? Buffer.byteLength(content) : content.length)) return false;
  const wanted = typeof content === 'string' ? Buffer.from(content) : content;
  return onPath('cannot read', path, () => Buffer.compare(files.read(path, wanted.length), wanted) === 0);
}

/** The name under which content waits; always the same, so that what a killed run left is found and replaced. */
export function temporary(path: string): string {
  return join(dirname(path), `.${basename(path)}.new`);
}
