import type { FileOperations } from '../../lib/files/operations.ts';
import { filesProblem, isErrno } from '../../lib/files/problem.ts';
import type { ProcessIdentity } from '../../lib/files/process.ts';

/** What a lock file says: who holds it, and a name for this very holding that no other ever has. */
export interface LockOwner extends ProcessIdentity {
  readonly command: string;
  readonly since: string;
  readonly token: string;
}

const longest = 16_384;

function printOwner(owner: LockOwner): string {
  return `${JSON.stringify(owner)}\n`;
}

/** The owner that a lock file names, `unreadable` when it names none, nothing when there is no such file. */
export function readOwner(path: string, files: FileOperations): LockOwner | 'unreadable' | undefined {
  let text: string;
  try {
    text = Buffer.from(files.read(path, longest)).toString('utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return undefined;
    if (isErrno(error, 'ELOOP') || isErrno(error, 'EISDIR')) return 'unreadable';
    throw filesProblem('cannot read', path, error);
  }
  return parseOwner(text) ?? 'unreadable';
}

function parseOwner(text: string): LockOwner | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields: Readonly<Record<string, unknown>> = { ...value };
  const part = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '');
  const token = part('token');
  const pid = fields.pid;
  // The token becomes part of a file name.
  if (typeof pid !== 'number' || !Number.isInteger(pid) || pid < 1 || !/^[0-9a-z-]{1,100}$/.test(token))
    return undefined;
  return {
    pid,
    host: part('host'),
    boot: part('boot'),
    started: part('started'),
    namespace: part('namespace'),
    command: part('command'),
    since: part('since'),
    token,
  };
}

/**
 * Makes a lock file that is complete from its first moment: written aside and given its name by link(2), which fails where the
 * name is taken. False when it is.
 */
export function claim(path: string, owner: LockOwner, files: FileOperations): boolean {
  const aside = `${path}.${owner.token}`;
  const file = files.create(aside, 0o644);
  try {
    try {
      files.write(file, printOwner(owner));
    } finally {
      files.close(file);
    }
    files.link(aside, path);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  } finally {
    files.remove(aside);
  }
}
