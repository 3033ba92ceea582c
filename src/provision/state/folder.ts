import { closeSync, constants, lstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { disk as files } from '../../lib/files/operations.ts';
import { isErrno, onPath } from '../../lib/files/problem.ts';
import type { Disk, Found } from './drift.ts';

/** The state's folder as it lies there. */
export interface Folder extends Disk {
  /** Folders that this user may not enter, so that nothing is known of what is in them. */
  readonly closed: readonly string[];
  /** When an entry was last changed in any way, in milliseconds: the one time that a program cannot set (inode(7), ctime). */
  readonly changed: ReadonlyMap<string, number>;
  /** Names in a folder; none when there is no such folder. */
  list(folder: string): readonly string[];
}

/** The parts of the state's folder that are certrelay's; whatever else a user keeps beside them is his own affair. */
const roots = ['ca', 'database', 'hosts', 'next'] as const;
const { O_NOFOLLOW, O_RDONLY } = constants;

/** Looks at everything below the state's folder that is certrelay's; reads contents only when asked. */
export function lookAt(root: string): Folder {
  const walk: Walk = { root, entries: new Map(), changed: new Map(), closed: [] };
  const { entries, closed, changed } = walk;
  const rootEntry = onPath('cannot read', root, () => files.look(root));
  for (const name of onPath('cannot read', root, () => readdirSync(root))) {
    if (roots.some((one) => one === name)) add(name, walk);
    else if (
      /^(?:inventory\.json|ledger\.jsonl|\.lock(?:\..*)?|\.(?:inventory\.json|ledger\.jsonl)\.new)$/.test(name)
    ) {
      add(name, walk);
    }
  }
  const names = new Map<string, string[]>();
  for (const path of entries.keys()) {
    const slash = path.lastIndexOf('/');
    if (slash < 0) continue;
    const siblings = names.get(path.slice(0, slash));
    if (siblings === undefined) names.set(path.slice(0, slash), [path.slice(slash + 1)]);
    else siblings.push(path.slice(slash + 1));
  }
  return {
    entries,
    closed,
    changed,
    owner: rootEntry?.owner ?? files.user(),
    list: (folder) => names.get(folder) ?? [],
    read(path) {
      // Most of what is asked for and not there was never there, and asking the system for it costs an exception.
      if (entries.get(path)?.kind !== 'file') return undefined;
      try {
        const file = openSync(join(root, path), O_RDONLY | O_NOFOLLOW);
        try {
          return readFileSync(file, 'utf8');
        } finally {
          closeSync(file);
        }
      } catch {
        // Gone meanwhile, or closed to this user: the caller says that it could not be read.
        return undefined;
      }
    },
  };
}

interface Walk {
  readonly root: string;
  readonly entries: Map<string, Found>;
  readonly changed: Map<string, number>;
  readonly closed: string[];
}

function add(path: string, walk: Walk): void {
  const full = join(walk.root, path);
  const stats = onPath('cannot read', full, () => lstatSync(full, { throwIfNoEntry: false }));
  // Gone since its name was read: another run renamed it.
  if (stats === undefined) return;
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : stats.isSymbolicLink() ? 'link' : 'other';
  walk.entries.set(path, { kind, mode: stats.mode & 0o7777, owner: stats.uid, size: stats.size });
  walk.changed.set(path, stats.ctimeMs);
  if (kind !== 'folder') return;
  let names: readonly string[];
  try {
    names = readdirSync(full);
  } catch (error) {
    if (!isErrno(error, 'EACCES') && !isErrno(error, 'EPERM')) throw error;
    walk.closed.push(path);
    return;
  }
  for (const name of names) add(`${path}/${name}`, walk);
}
