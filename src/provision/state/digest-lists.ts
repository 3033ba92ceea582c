import { hostPath } from '../ledger/paths.ts';
import { digestList, digestListFile } from '../render/digest-list.ts';
import { sealed } from '../render/seal.ts';
import type { Output } from '../render/view.ts';
import type { StateFile } from './credential-files.ts';

/** The table that changes with the certificates of others; a rotation touches it and no list of digests. */
const sealedTable = 'relay_clientcerts';

/** True for a rendered file that says itself what it was. */
export function isSealed(path: string): boolean {
  return path.endsWith(`/${sealedTable}`);
}

/** A rendered file as it is written. */
export function asWritten(output: Pick<Output, 'to' | 'mode' | 'content'>): StateFile {
  const { to, mode } = output;
  return isSealed(to) ? { to, mode, content: sealed(output.content) } : output;
}

/**
 * A list of digests for each host of which there are files, so that a host sees that its copy is whole, of one run, and as
 * it was made. Private keys are left out: that they belong to their certificates says more.
 */
export function digestLists(files: readonly StateFile[]): readonly StateFile[] {
  const byHost = new Map<string, Map<string, StateFile>>();
  for (const file of files) {
    const [, host, name] = /^hosts\/([^/]+)\/([^/]+)$/.exec(file.to) ?? [];
    if (host === undefined || name === undefined || file.mode === 0o600 || isSealed(file.to)) continue;
    const known = byHost.get(host) ?? new Map<string, StateFile>();
    byHost.set(host, known.set(name, file));
  }
  return [...byHost].map(([host, own]) => ({
    ...{ to: hostPath(host, digestListFile), mode: 0o644 },
    content: digestList(new Map([...own].map(([name, { content }]) => [name, content]))),
  }));
}
