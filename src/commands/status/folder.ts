import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Disk, Found } from '../../inventory/drift.ts';
import { disk as files } from '../../lib/files-operations.ts';
import { isErrno, onPath } from '../../lib/files-problem.ts';

/** The state's folder as it lies there. */
export interface Folder extends Disk {
  /** Folders that this user may not enter, so that nothing is known of what is in them. */
  readonly closed: readonly string[];
  /** Names in a folder; none when there is no such folder. */
  list(folder: string): readonly string[];
}

/** The parts of the state's folder that are certrelay's; whatever else a user keeps beside them is his own affair. */
const roots = ['ca', 'hosts', 'next'] as const;
/** Nothing of the state is larger but the ledger, which is read elsewhere. */
const largest = 64 * 1_048_576;

/** Looks at everything below the state's folder that is certrelay's; reads contents only when asked. */
export function lookAt(root: string): Folder {
  const entries = new Map<string, Found>();
  const closed: string[] = [];
  const rootEntry = onPath('cannot read', root, () => files.look(root));
  for (const name of onPath('cannot read', root, () => readdirSync(root))) {
    if (roots.some((one) => one === name)) add(root, name, entries, closed);
    else if (
      /^(?:inventory\.json|ledger\.jsonl|\.lock(?:\..*)?|\.(?:inventory\.json|ledger\.jsonl)\.new)$/.test(name)
    ) {
      add(root, name, entries, closed);
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
  const bytes = (path: string): Uint8Array | undefined => {
    try {
      return files.read(join(root, path), largest);
    } catch {
      // Gone meanwhile, or closed to this user: the caller says that it could not be read.
      return undefined;
    }
  };
  return {
    entries,
    closed,
    owner: rootEntry?.owner ?? files.user(),
    list: (folder) => names.get(folder) ?? [],
    read(path) {
      const found = bytes(path);
      return found === undefined
        ? undefined
        : Buffer.from(found.buffer, found.byteOffset, found.byteLength).toString('utf8');
    },
  };
}

function add(root: string, path: string, entries: Map<string, Found>, closed: string[]): void {
  const full = join(root, path);
  const entry = onPath('cannot read', full, () => files.look(full));
  // Gone since its name was read: another run renamed it.
  if (entry === undefined) return;
  entries.set(path, { kind: entry.kind, mode: entry.mode, owner: entry.owner });
  if (entry.kind !== 'folder') return;
  let names: readonly string[];
  try {
    names = readdirSync(full);
  } catch (error) {
    if (!isErrno(error, 'EACCES') && !isErrno(error, 'EPERM')) throw error;
    closed.push(path);
    return;
  }
  for (const name of names) add(root, `${path}/${name}`, entries, closed);
}
