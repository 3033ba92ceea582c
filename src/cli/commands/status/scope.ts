import { hostFolder, inventoryPath } from '../../../provision/ledger/layout.ts';
import { type CertificateState, currentCertificate } from '../../../provision/ledger/ledger-state.ts';
import { rolesOf } from '../../../provision/render/certificate-names.ts';
import { digestListFile } from '../../../provision/render/digest-list.ts';
import type { Template } from '../../../provision/render/handlebars.ts';
import { plan } from '../../../provision/render/plan.ts';
import type { Host, Inventory } from '../../../provision/settings/types.ts';
import { credentialFiles } from '../../../provision/state/credential-files.ts';
import type { ExpectedFile } from '../../../provision/state/drift.ts';
import type { Scope } from '../../../provision/state/expected.ts';
import type { Folder } from '../../../provision/state/folder.ts';
import type { Stored } from '../../../provision/state/store.ts';

/** Up to so many hosts, every file of every host is compared: that takes less than a second. */
const fewHosts = 1_000;

/**
 * Which hosts of a fleet must be compared byte by byte. The inventory is written after everything that follows from it, so a file
 * that has not been touched since is what that run made, as long as the inventory itself is right, which is always
 * compared. `status --all` does without this. Servers are always compared.
 */
export function scopeOf(
  stored: Stored & { readonly inventory: Inventory },
  folder: Folder,
  templates: readonly Template[],
  { all = false, few = fewHosts }: { readonly all?: boolean; readonly few?: number } = {},
): Scope {
  const { inventory, state } = stored;
  const whole: Scope = { hosts: undefined, others: [], untouched: 0 };
  const written = folder.changed.get(inventoryPath);
  const plain = inventory.clients.filter(({ name }) => rolesOf(inventory, name).length === 1);
  const sample = plain.find(({ name }) => isOrdinary(currentCertificate(state, name, 'client')));
  if (all || plain.length <= few || sample === undefined || written === undefined) return whole;
  const pattern = patternOf(stored, sample, templates);
  const others: ExpectedFile[] = [];
  const settled = new Set<string>();
  for (const { name } of plain) {
    if (name === sample.name || !isOrdinary(currentCertificate(state, name, 'client'))) continue;
    const home = hostFolder(name);
    const present = folder.list(home);
    const files = pattern.map(([file, mode]) => ({ path: `${home}/${file(name)}`, mode }));
    const isSettled =
      present.length === files.length &&
      files.every(({ path }) => (folder.changed.get(path) ?? Number.POSITIVE_INFINITY) < written);
    if (!isSettled) continue;
    settled.add(name);
    others.push(...files);
  }
  const names = [...inventory.servers, ...inventory.clients].map(({ name }) => name);
  return { hosts: new Set(names.filter((name) => !settled.has(name))), others, untouched: settled.size };
}

/** Its key was made here, and its files are the host's. */
function isOrdinary(certificate: CertificateState | undefined): boolean {
  return certificate !== undefined && certificate.origin === undefined && certificate.handed !== undefined;
}

/** The files of a client with their modes, by a name in which the host's own may stand. */
function patternOf(
  { inventory, state }: Stored & { readonly inventory: Inventory },
  { name }: Host,
  templates: readonly Template[],
): readonly (readonly [file: (host: string) => string, mode: number])[] {
  const rendered = plan({ inventory, ledger: state }, templates, [name]).outputs;
  const credentials = credentialFiles(
    inventory,
    state,
    (host) => host === name,
    () => '',
  );
  const own = [...rendered, ...credentials].filter(({ to }) => to.startsWith(`${hostFolder(name)}/`));
  const files = own.map(({ to, mode }) => [to.slice(hostFolder(name).length + 1), mode] as const);
  const forHost = (file: string) => (host: string) =>
    file.startsWith(`${name}.`) ? host + file.slice(name.length) : file;
  const more = [[`${name}.key`, 0o600] as const, [digestListFile, 0o644] as const];
  return [...files, ...more].map(([file, mode]) => [forHost(file), mode]);
}
