import { resolve } from 'node:path';
import { readAhead } from '../lib/files/ahead.ts';
import { disk, type FileOperations } from '../lib/files/operations.ts';
import { inventoryPath, ledgerPath } from '../provision/ledger/layout.ts';
import type { Io, Options } from './command.ts';

/** Loads the rooms of a command, and meanwhile reads the state that it will ask for: a fleet's is tens of megabytes. */
export function loadedAhead<Room>(
  load: () => Promise<Room>,
  options: Options,
  io: Io,
): Promise<readonly [Room, FileOperations]> {
  const root = resolve(io.cwd, String(options.out ?? 'out'));
  const state = readAhead(
    [ledgerPath, inventoryPath].map((path) => resolve(root, path)),
    disk,
  );
  return Promise.all([load(), state]);
}
