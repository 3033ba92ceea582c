import { basename, dirname, join } from 'node:path';
import { makeRoot } from '../../lib/files/files.ts';
import { disk, type FileOperations } from '../../lib/files/operations.ts';
import { filesProblem, isErrno } from '../../lib/files/problem.ts';
import { mayBeAlive, type ProcessIdentity, thisProcess } from '../../lib/files/process.ts';
import { CertrelayError } from '../../lib/problem.ts';
import { beforeEnd } from '../../lib/signals.ts';
import { lockPath, stateLayout } from '../ledger/layout.ts';
import { claim, type LockOwner, readOwner } from './lock-file.ts';

/**
 * One writer at a time; readers need no lock. The lock is a file that names its owner.
 *
 * A lock whose owner is gone is inherited, and only once: the file `.lock.after-TOKEN`, named after the token of the dead
 * holding, can be made by one process alone. The heir then renames it to `.lock`. Between the two steps the chain `.lock`,
 * `.lock.after-A`, `.lock.after-B`, ... leads to the owner in force, so that an heir may die as well. Removing a stale lock
 * instead would be a race: the second to do so removes the lock of the first.
 */
export interface Lock {
  readonly path: string;
  /** Folders that were made for it, outermost first; they go with it while they are empty. */
  readonly made: readonly string[];
  readonly owner: LockOwner;
  /** The owner, now gone, from whom the lock was inherited. */
  readonly inheritedFrom: LockOwner | undefined;
  /** May be called twice; happens by itself when the process ends, except by a signal that no handler sees. */
  release(): void;
}

export interface LockOptions {
  /** Name of the lock file; absent: that of a state. */
  readonly name?: string;
  /** What is running, for the one who has to wait: `certrelay init`. */
  readonly command: string;
  readonly now: () => Date;
  /** How long to wait for another run; absent: not at all. */
  readonly wait?:
    | { readonly milliseconds: number; readonly sleep: (milliseconds: number) => Promise<void> }
    | undefined;
  readonly files?: FileOperations;
  readonly self?: ProcessIdentity;
  readonly alive?: (process: ProcessIdentity) => boolean;
  readonly atEnd?: (last: () => void) => () => void;
}

// Two holdings of one process differ by this.
let holdings = 0;

/** Between two looks at a lock that is held: short at first, longer when many may be waiting and looks are in the way of work. */
const pauses = { first: 50, most: 500, growth: 1.2 } as const;

// Each is somebody else's success, so far fewer come in a row; more would mean a file system that contradicts itself.
const mostMoves = 10_000;

/** Takes the lock of a folder, which is made if need be. Throws a CertrelayError, exit 7 while another run holds it. */
export async function takeLock(root: string, options: LockOptions): Promise<Lock> {
  const { command, now, wait, files = disk, self = thisProcess(), alive = mayBeAlive, atEnd = beforeEnd } = options;
  const path = join(root, options.name ?? lockPath);
  const token = `${self.pid}-${self.started || '0'}-${++holdings}-${self.boot.slice(0, 8) || '0'}`;
  const owner: LockOwner = { ...self, command, since: now().toISOString(), token };
  const until = now().getTime() + (wait?.milliseconds ?? 0);
  const made: string[] = [];
  let pause: number = pauses.first;
  for (let again = 0; ; ) {
    made.push(...makeRoot(stateLayout(root), files));
    const taken = attemptOrLeave(path, owner, made, files, alive);
    if (taken.kind === 'mine') return hold(path, owner, taken.inheritedFrom, made, files, atEnd);
    if (taken.kind === 'again') {
      if (++again > mostMoves) throw new Error(`the lock "${path}" never comes to rest`);
      continue;
    }
    if (wait === undefined || now().getTime() >= until) throw held(path, taken.by, command);
    await wait.sleep(Math.min(pause, wait.milliseconds));
    pause = Math.min(pause * pauses.growth, pauses.most);
  }
}

type Attempt =
  | { readonly kind: 'mine'; readonly inheritedFrom: LockOwner | undefined }
  | { readonly kind: 'held'; readonly by: LockOwner | 'unreadable' }
  /** Somebody moved at the same moment; the next look shows what became of it. */
  | { readonly kind: 'again' };

/** An attempt that fails for good, on a full disk perhaps, leaves no empty folders. */
function attemptOrLeave(
  path: string,
  owner: LockOwner,
  made: readonly string[],
  files: FileOperations,
  alive: (process: ProcessIdentity) => boolean,
): Attempt {
  try {
    return attempt(path, owner, files, alive);
  } catch (error) {
    leave(made, files);
    throw error;
  }
}

/** Takes folders away that were made for the lock, while they are empty: a run that came to nothing leaves nothing. */
function leave(made: readonly string[], files: FileOperations): void {
  try {
    for (const folder of made.toReversed()) files.removeFolder(folder);
  } catch {
    // The folder holds the state by now, or another run's lock, or is gone.
  }
}

function attempt(
  path: string,
  owner: LockOwner,
  files: FileOperations,
  alive: (process: ProcessIdentity) => boolean,
): Attempt {
  try {
    const chain = readChain(path, files);
    const end = chain.at(-1);
    if (end === undefined) {
      if (!claim(path, owner, files)) return { kind: 'again' };
      sweep(path, files);
      return { kind: 'mine', inheritedFrom: undefined };
    }
    if (end.by === 'unreadable' || alive(end.by)) return { kind: 'held', by: end.by };
    const heir = after(path, end.by);
    if (!claim(heir, owner, files)) return { kind: 'again' };
    // Had the chain been shortened before the claim, the claim would follow a holding that is over.
    if (readChain(path, files).at(-1)?.path !== heir) {
      files.remove(heir);
      return { kind: 'again' };
    }
    files.rename(heir, path);
    sweep(path, files);
    return { kind: 'mine', inheritedFrom: end.by };
  } catch (error) {
    // Another run has come to nothing and taken the folder away that it had made.
    if (isErrno(error, 'ENOENT')) return { kind: 'again' };
    throw filesProblem('cannot write', path, error);
  }
}

const after = (path: string, { token }: LockOwner): string => `${path}.after-${token}`;

interface Link {
  readonly path: string;
  readonly by: LockOwner | 'unreadable';
}

/** The lock and the claims upon it, the owner in force last; empty when there is no lock. */
function readChain(path: string, files: FileOperations): readonly Link[] {
  const chain: Link[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const by = readOwner(next, files);
    if (by === undefined) break;
    chain.push({ path: next, by });
    next = by === 'unreadable' ? undefined : after(path, by);
  }
  return chain;
}

/**
 * The owner takes away what killed runs left beside the lock. A live run that is about to claim may lose a file of its own by
 * this; it then looks again, and finds the lock held.
 */
function sweep(path: string, files: FileOperations): void {
  const prefix = `${basename(path)}.`;
  try {
    for (const name of files.list(dirname(path))) {
      if (name.startsWith(prefix)) files.remove(join(dirname(path), name));
    }
  } catch {
    // Gone already, or not to be removed: either way it decides nothing.
  }
}

function hold(
  path: string,
  owner: LockOwner,
  inheritedFrom: LockOwner | undefined,
  made: readonly string[],
  files: FileOperations,
  atEnd: (last: () => void) => () => void,
): Lock {
  let isHeld = true;
  const free = () => {
    if (!isHeld) return;
    isHeld = false;
    try {
      const found = readOwner(path, files);
      if (found !== undefined && found !== 'unreadable' && found.token === owner.token) files.remove(path);
    } catch {
      // It cannot be freed, in a folder that is gone for example; when this process has ended it will be inherited.
    }
    leave(made, files);
  };
  const forget = atEnd(free);
  return {
    ...{ path, made, owner, inheritedFrom },
    release() {
      forget();
      free();
    },
  };
}

function held(path: string, by: LockOwner | 'unreadable', command: string): CertrelayError {
  if (by === 'unreadable') {
    return new CertrelayError('locked', {
      code: 'lock-unreadable',
      message: `"${path}" is there and names no owner`,
      hint: 'if no certrelay is running, remove it',
    });
  }
  const elsewhere = by.host === thisProcess().host ? '' : ` on ${by.host}`;
  return new CertrelayError('locked', {
    code: 'locked',
    message: `"${by.command || 'another run'}", process ${by.pid}${elsewhere}, has held the lock "${path}" since ${by.since}`,
    hint:
      elsewhere === ''
        ? `wait for it, or run "${command}" with --wait`
        : `if it is no longer running there, remove "${path}"`,
  });
}
