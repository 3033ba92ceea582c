import { lstatSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { usage } from '../problem.ts';
import { onPath } from './problem.ts';

/** The entry at a path, not what a link leads to; undefined when there is none. */
export function entryAt(path: string): Stats | undefined {
  return onPath('cannot read', path, () => lstatSync(path, { throwIfNoEntry: false }));
}

/**
 * Refuses a directory in which somebody else than root could put a file or a link.
 * @throws CertrelayError (usage)
 */
export function checkRootsFolder(path: string, status: Stats): void {
  if (status.isSymbolicLink()) {
    throw usage('target-link', `"${path}" is a symbolic link`, 'links are not followed for writing; remove it');
  }
  if (!status.isDirectory()) throw usage('target-not-folder', `"${path}" is not a directory`, 'move it away');
  if (status.uid !== 0) {
    const hint = 'look at what is in it, and give it to root with chown(1)';
    throw usage('target-foreign', `"${path}" belongs to another user (uid ${status.uid})`, hint);
  }
  const sticky = (status.mode & 0o1000) !== 0;
  if (!sticky && ((status.mode & 0o002) !== 0 || ((status.mode & 0o020) !== 0 && status.gid !== 0))) {
    const octal = (status.mode & 0o7777).toString(8).padStart(4, '0');
    throw usage(
      'target-open',
      `"${path}" can be written by others (mode ${octal})`,
      'take that away with "chmod go-w"',
    );
  }
}

/** Every directory above a path. Distributions make links of directories of /etc at times; a link that is root's may be one. */
export function checkAbove(path: string): void {
  for (let above = dirname(path); above !== '/'; above = dirname(above)) {
    const status = entryAt(above);
    if (status !== undefined && !status.isSymbolicLink()) checkRootsFolder(above, status);
  }
}

/**
 * The directory that --programs names; undefined where the option was not given.
 * @throws CertrelayError (usage) for one that is not an absolute path, is missing, or that others than root could change.
 */
export function programsFolder(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (!value.startsWith('/') || value.includes(':')) {
    throw usage('programs-path', `--programs "${value}" is not an absolute path without colons`);
  }
  const status = entryAt(value);
  if (status === undefined) throw usage('programs-missing', `--programs: there is no directory "${value}"`);
  checkRootsFolder(value, status);
  checkAbove(value);
  return value;
}
