import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  futimesSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';

/** A file with all that makes it the same file to a reader. */
interface Kept {
  readonly content: Buffer;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly accessed: Date;
  readonly modified: Date;
}

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

/** Files as they were before they were touched, to be put back exactly so. */
export class Snapshot {
  readonly #files = new Map<string, Kept | undefined>();

  /** Remembers a file, or that there is none; the first time counts. */
  take(path: string): void {
    if (!this.#files.has(path)) this.#files.set(path, keptOf(path));
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
    if (!isSame) writeWhole(path, kept.content, kept);
  }
}
