import { resolve } from 'node:path';
import { loadState, type Stored } from '../inventory/store.ts';
import type { Inventory } from '../inventory/types.ts';
import { usage } from '../lib/problem.ts';
import type { Io, Options } from './command.ts';

/** The state's folder as the user names it. */
export function outOf(options: Options): string {
  return typeof options.out === 'string' ? options.out : 'out';
}

/** The state of a set-up that exists; every command but init needs one. */
export function existingState(options: Options, io: Io): Stored & { readonly inventory: Inventory } {
  const out = outOf(options);
  const stored = loadState(resolve(io.cwd, out));
  if (stored.inventory === undefined) {
    throw usage(
      'no-set-up',
      `there is no set-up in "${out}"`,
      'make one with "certrelay init", or name its folder with --out',
    );
  }
  return { ...stored, inventory: stored.inventory };
}
