import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  type Stats,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { isErrno } from './problem.ts';

export interface Entry {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** Permission bits only. */
  readonly mode: number;
  readonly owner: number;
  readonly size: number;
  /** Tells one file from another that took its name. */
  readonly identity: string;
  /** When it was last changed, mode and name included: milliseconds since 1970 by the file system's clock. */
  readonly changed: number;
}

/**
 * The calls by which certrelay changes the disk, small enough that a test can count them, fail at any, or stop the world
 * between two. Errors are those of Node, with `code`. Nothing here follows a symbolic link at the end of a path, but
 * `read` when it is asked to.
 */
export interface FileOperations {
  /** The entry itself, or nothing when there is none. */
  look(path: string): Entry | undefined;
  /** At most `limit` + 1 bytes, so that the caller can tell that there is more. */
  read(path: string, limit: number, followLink?: boolean): Uint8Array;
  /** The names in a folder. */
  list(path: string): readonly string[];
  /** Only ever a new file: fails with EEXIST. Its mode never exceeds `mode` and is exactly that in the end. */
  create(path: string, mode: number): number;
  /** Opens for appending, creating if needed. */
  openToAppend(path: string, mode: number): number;
  size(file: number): number;
  write(file: number, bytes: string | Uint8Array): void;
  truncate(file: number, length: number): void;
  /** Waits until all of these are on the disk; together, for disks do that faster than one by one. */
  flush(files: readonly number[]): Promise<void>;
  flushFolders(paths: readonly string[]): Promise<void>;
  close(file: number): void;
  makeFolder(path: string, mode: number): void;
  setMode(path: string, mode: number): void;
  rename(from: string, to: string): void;
  /** A second name for a file; fails with EEXIST. */
  link(from: string, to: string): void;
  remove(path: string): void;
  removeFolder(path: string): void;
  /** The user that files will belong to. */
  user(): number;
}

const flushOne = promisify(fsync);
const { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

async function flushAll(files: readonly number[]): Promise<void> {
  await Promise.all(files.map((file) => flushOne(file)));
}

function entryAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    // Below a file there is nothing; that the file is in the way is found where it stands.
    if (isErrno(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}

function look(path: string): Entry | undefined {
  const stats = entryAt(path);
  if (stats === undefined) return undefined;
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : stats.isSymbolicLink() ? 'link' : 'other';
  const { dev, ino, uid: owner, size, ctimeMs: changed } = stats;
  return { kind, mode: stats.mode & 0o7777, owner, size, identity: `${dev}:${ino}`, changed };
}

function read(path: string, limit: number, followLink = false): Uint8Array {
  const file = openSync(path, followLink ? O_RDONLY : O_RDONLY | O_NOFOLLOW);
  try {
    const parts: Uint8Array[] = [];
    let room = limit + 1;
    // A pipe has no size, so it is read until it ends or the limit is passed.
    const guess = Math.min(fstatSync(file).size + 1, room);
    for (let part = Buffer.allocUnsafe(Math.max(guess, 65_536)); room > 0; part = Buffer.allocUnsafe(65_536)) {
      const length = readSync(file, part, 0, Math.min(part.length, room), null);
      if (length === 0) break;
      parts.push(part.subarray(0, length));
      room -= length;
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  } finally {
    closeSync(file);
  }
}

function openWithMode(path: string, flags: number, mode: number): number {
  const file = openSync(path, flags, mode);
  try {
    // The umask has taken bits away; it must not decide.
    fchmodSync(file, mode);
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** The real file system. */
export const disk: FileOperations = {
  look,
  read,
  list: (path) => readdirSync(path),
  create: (path, mode) => openWithMode(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode),
  openToAppend: (path, mode) => openWithMode(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, mode),
  size: (file) => fstatSync(file).size,
  write: (file, bytes) => writeFileSync(file, bytes),
  truncate: (file, length) => ftruncateSync(file, length),
  flush: flushAll,
  async flushFolders(paths) {
    const folders: number[] = [];
    try {
      for (const path of paths) folders.push(openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
      await flushAll(folders);
    } finally {
      for (const folder of folders) closeSync(folder);
    }
  },
  close: closeSync,
  makeFolder(path, mode) {
    mkdirSync(path, { mode });
    chmodSync(path, mode);
  },
  setMode: chmodSync,
  rename: renameSync,
  link: linkSync,
  remove: unlinkSync,
  removeFolder: rmdirSync,
  user: () => process.geteuid?.() ?? 0,
};
