import { resolve } from 'node:path';
import { disk, type FileOperations } from '../lib/files/operations.ts';
import { usage } from '../lib/problem.ts';
import type { Inventory } from '../provision/settings/types.ts';
import { loadState, type Stored } from '../provision/state/store.ts';
import type { Io, Options } from './command.ts';

/** The state's folder as the user names it. */
export function outOf(options: Options): string {
  if (options.out === undefined) return 'out';
  // An unset variable in a script: `--out "$DIR"` must not mean the current folder.
  if (options.out === '')
    throw usage('out-empty', '--out: the name of the folder is empty', 'name a folder, such as "out"');
  return String(options.out);
}

/** The state of a set-up that exists; every command but init needs one. `known` is the same as it was read before. */
export function existingState(
  options: Options,
  io: Io,
  known?: Stored,
  files: FileOperations = disk,
): Stored & { readonly inventory: Inventory } {
  const out = outOf(options);
  const stored = loadState(resolve(io.cwd, out), files, known);
  if (stored.inventory === undefined) {
    throw usage(
      'no-set-up',
      `there is no set-up in "${out}"`,
      'make one with "certrelay init", or name its folder with --out',
    );
  }
  // The very object that was read, for by that it is known when it is read again.
  return stored as Stored & { readonly inventory: Inventory };
}
