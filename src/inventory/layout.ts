import type { Layout } from '../lib/files.ts';

/** Paths below the folder that holds the state; always with `/`. */
export const inventoryPath = 'inventory.json';
export const ledgerPath = 'ledger.jsonl';
export const lockPath = '.lock';
export const authorityFolder = 'ca';

/** All that one host needs and nothing else. */
export function hostFolder(name: string): string {
  return `hosts/${name}`;
}

/** Where things lie and which folders hold keys. */
export function stateLayout(root: string): Layout {
  return {
    root,
    isPrivate: (folder) => folder === authorityFolder || folder.startsWith('hosts/'),
  };
}
