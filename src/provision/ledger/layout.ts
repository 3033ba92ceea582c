import type { Layout } from '../../lib/files/change.ts';

/** Paths below the folder that holds the state; always with `/`. */
export const inventoryPath = 'inventory.json';
export const ledgerPath = 'ledger.jsonl';
export const lockPath = '.lock';
export const authorityFolder = 'ca';

/** Keys of certificates that are not handed over yet, a folder a host: whoever copies a host's folder must not get them. */
export const nextFolder = 'next';

/** Everything of certrelay's at the top of the folder; whatever else lies there is the user's own. */
export const managedNames = [
  ...[authorityFolder, 'database', 'hosts', nextFolder],
  ...[inventoryPath, ledgerPath, lockPath],
] as const;

/** All that one host needs and nothing else. */
export function hostFolder(name: string): string {
  return `hosts/${name}`;
}

/** Where things lie and which folders hold keys. */
export function stateLayout(root: string): Layout {
  return {
    root,
    isPrivate: (folder) => [authorityFolder, nextFolder].includes(top(folder)) || folder.startsWith('hosts/'),
  };
}

function top(folder: string): string {
  return folder.split('/')[0] ?? '';
}
