import type { Change } from '../../lib/files/change.ts';
import { authorityFolder, hostFolder, nextFolder } from '../ledger/layout.ts';
import { currentCertificate, isLive, type LedgerState } from '../ledger/ledger-state.ts';
import { authorityCertificatePath, authorityKeyPath, nextKeyPath } from '../ledger/paths.ts';
import { authorityFile, certificateNames, rolesOf, serverAuthorityFile } from '../render/certificate-names.ts';
import { databaseFolder } from '../render/database-outputs.ts';
import { databaseAuthorityFile, databaseFile, isInDatabase } from '../render/database-table.ts';
import { digestListFile } from '../render/digest-list.ts';
import type { Inventory } from '../settings/types.ts';

/** Names in a folder of the state; none when there is no such folder. */
export type List = (folder: string) => readonly string[];

/** A key that does not lie in its host's folder; the name is made of its fingerprint. */
const keyAside = /^(?:(?:server|client)-)?[0-9a-f]{16}\.(?:key|pem)$/;

/** Among what leftovers are looked for. */
export interface Left {
  readonly before: Inventory | undefined;
  readonly inventory: Inventory;
  readonly ledger: LedgerState;
  readonly list: List;
  /** The hosts whose folders are looked at. */
  isMeant(name: string): boolean;
}

/** What is made for a host, whatever its roles. */
const rendered = ['main.cf', 'master.cf', 'relay_clientcerts', 'tls_policy', 'install.sh', digestListFile];

/** What is made for a server whose table lies in a database, and for the database. */
const forDatabase = [databaseFile, databaseAuthorityFile];
const migrations = /^[0-9]{3}-[a-z-]+\.sql$/;

/**
 * Files of certrelay's making that nothing stands for any more: keys that waited and were handed over, or that an interrupted
 * run left without a certificate; the key of a retired authority; what hosts had that were removed; what was written by half. Other files in those
 * folders are somebody's own and stay.
 */
export function leftovers(left: Left, isUsed: (path: string) => boolean): readonly Change[] {
  const paths = [...keysAside(left), ...hostFiles(left), ...ofDatabase(left), ...halfWritten(left)];
  return paths.filter((path) => !isUsed(path)).map((path): Change => ({ kind: 'remove', path, rank: 'removal' }));
}

function keysAside({ ledger, list }: Left): readonly string[] {
  const waiting = new Set(
    ledger.certificates.filter((one) => isLive(one) && one.handed === undefined).map((one) => nextKeyPath(one)),
  );
  return asideFolders(list)
    .flatMap((folder) =>
      list(folder)
        .filter((name) => keyAside.test(name))
        .map((name) => `${folder}/${name}`),
    )
    .filter((path) => !waiting.has(path));
}

function asideFolders(list: List): readonly string[] {
  return [
    ...[`${authorityFolder}/next`, `${authorityFolder}/former`],
    ...list(nextFolder).map((host) => `${nextFolder}/${host}`),
  ];
}

/**
 * Contents that a killed run had not given their names yet, private keys among them. What this run writes under such a name
 * has its own name by the time when leftovers go.
 */
function halfWritten({ inventory, ledger, list, isMeant }: Left): readonly string[] {
  const wanted = [...inventory.servers, ...inventory.clients].map(({ name }) => name);
  const hosts = [...new Set([...ledger.holders, ...wanted])].filter(isMeant);
  const folders: readonly (readonly [string, (file: string) => boolean])[] = [
    [authorityFolder, (file) => [authorityCertificatePath, authorityKeyPath].includes(`${authorityFolder}/${file}`)],
    ...asideFolders(list).map((folder) => [folder, (file: string) => keyAside.test(file)] as const),
    ...hosts.map((name) => [hostFolder(name), (file: string) => ownNames(name).includes(file)] as const),
  ];
  return folders.flatMap(([folder, isOwn]) =>
    list(folder)
      .filter((name) => isOwn(/^\.(.+)\.new$/.exec(name)?.[1] ?? ''))
      .map((name) => `${folder}/${name}`),
  );
}

function hostFiles({ before, inventory, ledger, list, isMeant }: Left): readonly string[] {
  const ever = new Set([
    ...ledger.holders,
    ...[...(before?.servers ?? []), ...(before?.clients ?? [])].map(({ name }) => name),
  ]);
  return [...ever].filter(isMeant).flatMap((name) => {
    const roles = rolesOf(inventory, name);
    const hasTable = isInDatabase(inventory.settings) && roles.includes('server');
    const gone =
      roles.length === 0
        ? ownNames(name)
        : [
            ...keysElsewhere(inventory, ledger, name),
            ...(hasTable ? [] : forDatabase),
            ...entriesGone(before, inventory),
          ];
    if (gone.length === 0) return [];
    return list(hostFolder(name))
      .filter((file) => gone.includes(file))
      .map((file) => `${hostFolder(name)}/${file}`);
  });
}

/** The entries of master.cf of hosts that may have none any more, where the service of its own is none any more. */
function entriesGone(before: Inventory | undefined, { settings }: Inventory): readonly string[] {
  const isGone = before?.settings.dedicatedPort !== undefined && settings.dedicatedPort === undefined;
  return isGone ? ['master.cf'] : [];
}

/** The migrations, once the servers have files again. */
function ofDatabase({ inventory, list }: Left): readonly string[] {
  if (isInDatabase(inventory.settings)) return [];
  return list(databaseFolder)
    .filter((name) => migrations.test(name))
    .map((name) => `${databaseFolder}/${name}`);
}

/** Everything that certrelay ever makes in a host's folder. */
function ownNames(name: string): readonly string[] {
  const credentials = [
    ...Object.values(certificateNames(name, 'client', ['client'])),
    ...Object.values(certificateNames(name, 'client', ['server', 'client'])),
  ];
  return [...rendered, ...forDatabase, authorityFile, serverAuthorityFile, ...credentials];
}

/** Key and chain of a host whose present key never left it: what lies here belongs to an earlier certificate. */
function keysElsewhere(inventory: Inventory, ledger: LedgerState, name: string): readonly string[] {
  const roles = rolesOf(inventory, name);
  return roles.flatMap((role) => {
    if (currentCertificate(ledger, name, role)?.origin !== 'request') return [];
    const { key, chain } = certificateNames(name, role, roles);
    return [key, chain];
  });
}
