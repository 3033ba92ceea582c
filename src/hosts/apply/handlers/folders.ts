import { chmodSync, closeSync, fsyncSync, lstatSync, mkdirSync, openSync, rmdirSync } from 'node:fs';
import type { Work } from './handler.ts';

/** Makes a folder of root's with this mode, or sets the mode of the one that is there. */
export function ensureFolder(path: string, mode: number, { folders }: Pick<Work, 'folders'>): void {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined) mkdirSync(path, { mode, recursive: true });
  if (!folders.has(path)) folders.set(path, there === undefined ? undefined : there.mode & 0o7777);
  // The umask has taken bits away.
  if (there === undefined || (there.mode & 0o7777) !== mode) chmodSync(path, mode);
}

/** Takes back what `ensureFolder` did: an empty folder that was made goes, a mode is what it was. */
export function restoreFolder(path: string, { folders }: Pick<Work, 'folders'>): readonly string[] {
  if (!folders.has(path) || lstatSync(path, { throwIfNoEntry: false }) === undefined) return [];
  const mode = folders.get(path);
  try {
    if (mode === undefined) rmdirSync(path);
    else chmodSync(path, mode);
    return [];
  } catch {
    return [path];
  }
}

/** Removes a folder in which nothing is left. */
export function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Something is in it, or it is gone.
  }
}

/** Has a folder's names on the disk. */
export function flushFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
