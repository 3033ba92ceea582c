import { close, open, read } from 'node:fs';
import { promisify } from 'node:util';
import type { Entry, FileOperations } from './operations.ts';

const opened = promisify(open);
const readInto = promisify(read);
const closed = promisify(close);

/** Less is read as quickly when it is wanted. */
const least = 1 << 20;

interface Ahead {
  readonly entry: Entry;
  readonly bytes: Uint8Array;
}

/**
 * Reads large files at once and on another thread, for this one has programs to load meanwhile. Answers `files` with what was
 * read: whoever asks for one of these gets it, if the file still looks as it did before it was read; else it is read again.
 * Nothing here is an error: what cannot be read is found by whoever asks for it.
 */
export async function readAhead(paths: readonly string[], files: FileOperations): Promise<FileOperations> {
  const known = new Map<string, Ahead>();
  await Promise.all(
    paths.map(async (path) => {
      const ahead = await readWhole(path, files);
      if (ahead !== undefined) known.set(path, ahead);
    }),
  );
  if (known.size === 0) return files;
  return {
    ...files,
    read(path, limit, followLink) {
      const ahead = known.get(path);
      known.delete(path);
      const isThere = ahead !== undefined && ahead.bytes.length <= limit && isSame(ahead.entry, files.look(path));
      return isThere ? ahead.bytes : files.read(path, limit, followLink);
    },
  };
}

async function readWhole(path: string, files: FileOperations): Promise<Ahead | undefined> {
  try {
    const entry = files.look(path);
    if (entry?.kind !== 'file' || entry.size < least) return undefined;
    const file = await opened(path, 'r');
    try {
      // In one call: between several the other thread would wait for this one.
      const bytes = Buffer.allocUnsafeSlow(entry.size);
      const { bytesRead } = await readInto(file, bytes, 0, entry.size, 0);
      return bytesRead === entry.size ? { entry, bytes } : undefined;
    } finally {
      await closed(file);
    }
  } catch {
    return undefined;
  }
}

function isSame(one: Entry, other: Entry | undefined): boolean {
  return (
    one.identity === other?.identity &&
    one.size === other.size &&
    one.changed === other.changed &&
    one.mode === other.mode
  );
}
