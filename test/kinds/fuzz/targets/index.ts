import type { Target } from '../target.ts';
import { batchLines, sessions } from './batch.ts';
import { mainCf, masterCf, postconf, restrictionLists } from './configuration.ts';
import { certificates, keys, requests } from './credentials.ts';
import { expansion } from './expansion.ts';
import { clientsFile, inventory, ledger, mapFile, opensslIndex } from './state.ts';
import { matchLists, tables } from './tables.ts';

/** Every parser that reads what somebody else wrote. */
export const targets: readonly Target[] = [
  mainCf,
  postconf,
  masterCf,
  expansion,
  matchLists,
  restrictionLists,
  ...tables,
  sessions,
  batchLines,
  certificates,
  requests,
  keys,
  ledger,
  inventory,
  clientsFile,
  mapFile,
  opensslIndex,
];
