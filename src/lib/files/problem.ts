import { CertrelayError, type ExitName } from '../problem.ts';

interface Row {
  readonly exit: ExitName;
  /** Said after what was to be done and the path. */
  readonly says: string;
  readonly hint?: string;
}

/** What the system's error numbers mean to the one who runs certrelay; the rest keeps the system's own words. */
const rows: Readonly<Record<string, Row>> = {
  ENOENT: { exit: 'usage', says: 'no such file or folder' },
  ENOTDIR: { exit: 'usage', says: 'a part of the path is a file, not a folder' },
  EISDIR: { exit: 'usage', says: 'it is a folder, not a file' },
  ELOOP: { exit: 'usage', says: 'it is a symbolic link, or links lead in a circle', hint: 'name the real path' },
  ENAMETOOLONG: { exit: 'usage', says: 'the path is too long' },
  EACCES: {
    exit: 'failure',
    says: 'permission denied',
    hint: 'look at the owner and the mode of the path and its folder',
  },
  EPERM: { exit: 'failure', says: 'not permitted', hint: 'look at the owner and the attributes of the path' },
  EROFS: { exit: 'failure', says: 'the file system is read-only' },
  ENOSPC: { exit: 'failure', says: 'the disk is full', hint: 'make room and run the same command again' },
  EDQUOT: { exit: 'failure', says: 'the disk quota is used up', hint: 'make room and run the same command again' },
  EFBIG: { exit: 'failure', says: 'the file would be larger than the system allows' },
  EMFILE: { exit: 'failure', says: 'too many open files' },
  EXDEV: { exit: 'failure', says: 'a mount point lies between a file and its folder' },
  EIO: { exit: 'failure', says: 'the disk reports an error' },
};

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** True when a system call failed with this error number. */
export function isErrno(error: unknown, code: string): boolean {
  return codeOf(error) === code;
}

/**
 * Turns a failed system call into a problem that says what was to be done ("cannot write", "cannot read") with which path.
 * Anything else, such as a broken invariant, comes back as it is.
 */
export function filesProblem(doing: string, path: string, error: unknown): unknown {
  const code = codeOf(error);
  if (error instanceof CertrelayError || code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error;
  const row: Row = rows[code] ?? { exit: 'failure', says: code };
  return new CertrelayError(row.exit, {
    code: `file-${code.toLowerCase()}`,
    message: `${doing} "${path}": ${row.says}`,
    ...(row.hint === undefined ? {} : { hint: row.hint }),
  });
}

/** Runs one step on one path, with `filesProblem` for what it throws. */
export function onPath<Result>(doing: string, path: string, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    throw filesProblem(doing, path, error);
  }
}
