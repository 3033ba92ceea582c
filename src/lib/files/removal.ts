import { dirname } from 'node:path';
import type { FileOperations } from './operations.ts';
import { isErrno, onPath } from './problem.ts';

/**
 * Takes files away, and each folder below the root that is empty then. A folder that holds anything else stays: it is
 * not known whose that is. The folders that remain are flushed, so that a removed key does not come back after a crash.
 */
export async function removeFiles(paths: readonly string[], root: string, files: FileOperations): Promise<void> {
  const left = new Set<string>();
  for (const path of paths) {
    removeIfThere(path, files);
    let folder = dirname(path);
    while (folder.startsWith(`${root}/`) && isRemoved(folder, files)) {
      left.delete(folder);
      folder = dirname(folder);
    }
    left.add(folder);
  }
  await files.flushFolders([...left].filter((folder) => files.look(folder) !== undefined));
}

/** What is gone by now is as it should be: a temporary name that a killed run left may have been used and given up since. */
function removeIfThere(path: string, files: FileOperations): void {
  onPath('cannot remove', path, () => {
    try {
      files.remove(path);
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
    }
  });
}

function isRemoved(folder: string, files: FileOperations): boolean {
  try {
    files.removeFolder(folder);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOTEMPTY') || isErrno(error, 'EEXIST')) return false;
    throw error;
  }
}
