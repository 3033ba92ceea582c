import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { disk } from '../../lib/files/operations.ts';
import { usage } from '../../lib/problem.ts';
import { hostPath } from '../../provision/ledger/paths.ts';
import { digestListFile } from '../../provision/render/digest-list.ts';
import { plan } from '../../provision/render/plan.ts';
import { credentialFiles } from '../../provision/state/credential-files.ts';
import { asWritten } from '../../provision/state/digest-lists.ts';
import { loadState } from '../../provision/state/store.ts';
import { readTemplates } from '../../provision/state/templates.ts';
import type { HostFolder } from './read-folder.ts';

/**
 * Compares a folder with what inventory and ledger lead to, byte for byte, where they are at hand: the folder lies in a
 * state's `hosts/`, or `named` is the state's folder. Answers whether it was compared. A folder that was carried to its host is
 * as good as the way that it came: digests beside its files would be changed with them.
 * @throws CertrelayError (usage) for a folder that somebody changed.
 */
export function checkAgainstLedger(
  { path, manifest, files }: HostFolder,
  named: string | undefined,
  cwd: string,
): boolean {
  const root = named ?? stateAbove(path, cwd);
  if (root === undefined) return false;
  const { host } = manifest;
  const { inventory, state } = loadState(root, disk);
  if (inventory === undefined)
    throw usage('no-set-up', `there is no set-up in "${root}"`, 'name its folder with --out');
  if (![...inventory.servers, ...inventory.clients].some(({ name }) => name === host)) {
    throw usage(
      'host-unknown',
      `"${path}" is for "${host}", of which the inventory in "${root}" does not know`,
      'it was made by another set-up, which --out names, or the host was taken out of this one',
    );
  }
  const text = (name: string) => files.get(name)?.toString('utf8');
  const credentials = credentialFiles(
    inventory,
    state,
    (name) => name === host,
    (at) => text(basename(at)),
  );
  const rendered = plan({ inventory, ledger: state }, readTemplates(), [host]).outputs.map(asWritten);
  const wanted = [...rendered, ...credentials];
  for (const [name] of files) {
    // Says what the others are, which is looked at here.
    if (name === digestListFile) continue;
    const said = wanted.find(({ to }) => to === hostPath(host, name))?.content;
    // Keys are nowhere else; that they belong to these certificates was looked at.
    if (said === undefined && /\.(?:key|pem)$/.test(name)) continue;
    if (said === text(name)) continue;
    throw usage(
      'folder-changed',
      `"${join(path, name)}" is not what inventory and ledger in "${root}" lead to`,
      'somebody changed it, or it is older than they are; "certrelay render --diff" shows the difference and makes it again',
    );
  }
  return true;
}

function stateAbove(path: string, cwd: string): string | undefined {
  const hosts = dirname(resolve(cwd, path));
  const root = dirname(hosts);
  return basename(hosts) === 'hosts' && existsSync(join(root, 'inventory.json')) ? root : undefined;
}
