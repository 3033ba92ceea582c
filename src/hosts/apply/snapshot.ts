import {
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  futimesSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** A file with all that makes it the same file to a reader. */
interface Kept {
  readonly content: Buffer;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly accessed: Date;
  readonly modified: Date;
}

/** The second name of a file that is about to be replaced; install.sh uses the same. */
const oldName = (path: string) => `${path}.certrelay-old`;

/** Writes a file whole: under another name, flushed, renamed. Nobody sees half of it, or more of it than the mode allows. */
export function writeWhole(path: string, content: Buffer | string, kept: Partial<Omit<Kept, 'content'>> = {}): void {
  const waiting = `${path}.certrelay`;
  rmSync(waiting, { force: true });
  const file = openSync(waiting, 'wx', 0o600);
  try {
    writeFileSync(file, content);
    fchownSync(file, kept.uid ?? 0, kept.gid ?? 0);
    fchmodSync(file, kept.mode ?? 0o644);
    if (kept.accessed !== undefined && kept.modified !== undefined) futimesSync(file, kept.accessed, kept.modified);
    fsyncSync(file);
  } catch (error) {
    rmSync(waiting, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  renameSync(waiting, path);
}

/** Reads a file with its mode, owner and times; undefined when there is none. */
function keptOf(path: string): Kept | undefined {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  const file = openSync(path, 'r');
  try {
    const { mode, uid, gid, atime, mtime } = fstatSync(file);
    return { content: readFileSync(file), mode: mode & 0o7777, uid, gid, accessed: atime, modified: mtime };
  } finally {
    closeSync(file);
  }
}

/** As cp -p, by a rename. */
export function copyWhole(from: string, to: string): void {
  const kept = keptOf(from);
  if (kept === undefined) throw new Error(`"${from}" is gone`);
  writeWhole(to, kept.content, kept);
  if (!readFileSync(to).equals(kept.content)) throw new Error(`"${to}" is not what "${from}" is`);
}

/**
 * Removes what a run that was killed left beside the files: this command's or install.sh's, whose edited copies are in
 * `.certrelay`. The backup of that run has what the second names are for. The caller holds the lock.
 */
export function sweepLeftovers(config: string, installDir: string): void {
  rmSync(join(config, '.certrelay'), { recursive: true, force: true });
  for (const name of ['main.cf', 'master.cf']) {
    for (const end of ['.certrelay', '.certrelay-old']) rmSync(join(config, `${name}${end}`), { force: true });
  }
  for (const folder of [installDir, `${installDir}.backup`]) {
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (/\.certrelay(?:-old)?$/.test(name)) rmSync(join(folder, name), { force: true });
    }
  }
}

/**
 * Files as they were before they were touched, to be put back exactly so. Each has a second name until then, so that going
 * back is a rename, which a disk that is full allows.
 */
export class Snapshot {
  readonly #files = new Map<string, Kept | undefined>();

  /** Remembers a file, or that there is none; the first time counts. */
  take(path: string): void {
    if (this.#files.has(path)) return;
    const kept = keptOf(path);
    if (kept !== undefined) {
      rmSync(oldName(path), { force: true });
      try {
        linkSync(path, oldName(path));
      } catch {
        // A file system without second names: a copy.
        copyWhole(path, oldName(path));
      }
    }
    this.#files.set(path, kept);
  }

  /** Forgets everything: the run has come to its end. */
  discard(): void {
    for (const path of this.#files.keys()) rmSync(oldName(path), { force: true });
    this.#files.clear();
  }

  /** Puts these files back where they differ. What cannot be put back is answered, and does not keep the others from it. */
  restore(paths: readonly string[] = [...this.#files.keys()]): readonly string[] {
    return paths.filter((path) => {
      if (!this.#files.has(path)) return false;
      try {
        this.#restoreOne(path, this.#files.get(path));
        return false;
      } catch {
        return true;
      }
    });
  }

  #restoreOne(path: string, kept: Kept | undefined): void {
    rmSync(`${path}.certrelay`, { force: true });
    if (kept === undefined) {
      rmSync(path, { force: true });
      return;
    }
    const now = keptOf(path);
    const isSame =
      now?.content.equals(kept.content) === true &&
      now.mode === kept.mode &&
      now.uid === kept.uid &&
      now.gid === kept.gid &&
      now.modified.getTime() === kept.modified.getTime();
    if (!isSame) {
      const old = keptOf(oldName(path));
      if (old?.content.equals(kept.content) === true && old.mode === kept.mode) renameSync(oldName(path), path);
      else writeWhole(path, kept.content, kept);
    }
    rmSync(oldName(path), { force: true });
  }
}
