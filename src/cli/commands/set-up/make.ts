import { join } from 'node:path';
import { readTextIfAny } from '../../../lib/files/read.ts';
import type { Problem } from '../../../lib/problem.ts';
import type { Overlaid } from '../../../provision/import/take-over.ts';
import { issueMissing } from '../../../provision/issue/issue-missing.ts';
import {
  type CertificateState,
  currentAuthority,
  currentCertificate,
  type LedgerState,
} from '../../../provision/ledger/ledger-state.ts';
import { authorityCertificatePath, hostPath } from '../../../provision/ledger/paths.ts';
import { isInDatabase } from '../../../provision/render/database-table.ts';
import { isPublished } from '../../../provision/rotation/publication.ts';
import type { Inventory, LedgerEvent } from '../../../provision/settings/types.ts';
import { settle } from '../../../provision/state/settle.ts';
import type { Stored } from '../../../provision/state/store.ts';
import type { HostLine, SetUpReport } from '../../../report/set-up.ts';
import type { Io } from '../../command.ts';
import { progressLine } from '../../progress.ts';

export interface Wish {
  readonly stored: Stored;
  /** The state's folder as the user names it. */
  readonly out: string;
  readonly inventory: Inventory;
  readonly notes: readonly Problem[];
  readonly dryRun: boolean;
  readonly quiet: boolean;
  /** What `--import` takes over in the same step. */
  readonly taken?: Overlaid;
  passphrase(): Promise<string | undefined>;
}

/** That the map goes into a database or back into files: until they say that they have their files, servers look where it was. */
function tableMoves({ inventory: before }: Stored, after: Inventory, now: Date): readonly LedgerEvent[] {
  if (before === undefined || isPublished(before) === isPublished(after)) return [];
  return [{ at: now.toISOString(), event: 'table', place: isPublished(after) ? 'database' : 'files' }];
}

/** Issues what is missing and settles on it. */
export async function make(
  { stored, out, inventory, notes, dryRun, quiet, passphrase, taken }: Wish,
  io: Io,
): Promise<SetUpReport> {
  const progress = progressLine('issuing certificates:', io, quiet);
  const read = (path: string) => readTextIfAny(join(stored.root, path));
  const keys = (await taken?.keys(inventory, read)) ?? [];
  const arrived = new Map(keys.map(({ to, pem }) => [to, pem]));
  const issued = await issueMissing(inventory, taken?.stored.state ?? stored.state, {
    ...{ now: io.now(), random: io.random, passphrase, progress: progress.step },
    read: (path) => arrived.get(path) ?? read(path),
  });
  const settled = await settle(
    stored,
    {
      inventory,
      events: [...tableMoves(stored, inventory, io.now()), ...(taken?.plan.events ?? []), ...issued.events],
      keys: [...keys, ...issued.keys],
    },
    { dryRun, whole: true, progress },
  );
  progress.end();
  const { proof, verifications, written, created, updated, unchanged } = settled;
  return {
    ...{ out, dryRun, written, proof, verifications, created, updated, unchanged },
    hosts: hostLines(inventory, settled.ledger, stored.state, out),
    digest: inventory.settings.digest,
    hasTable: isInDatabase(inventory.settings),
    notes: [...stored.notes, ...notes, ...issued.notes, ...settled.notices],
  };
}

/** What the report says of the authority and of every host, in the inventory's order. */
function hostLines(
  { authority, servers, clients }: Inventory,
  ledger: LedgerState,
  before: LedgerState,
  out: string,
): HostLine[] {
  const line = (
    role: HostLine['role'],
    name: string,
    path: string,
    certificate: CertificateState | undefined,
  ): HostLine => ({
    ...{ role, name, path: join(out, path) },
    serial: certificate?.serial ?? '',
    notAfter: certificate?.notAfter ?? '',
    keyType: certificate?.keyType ?? '',
    fingerprint: certificate?.fingerprint ?? {},
    publicKeyFingerprint: certificate?.publicKeyFingerprint ?? {},
    new: certificate !== undefined && !before.serials.has(certificate.serial),
  });
  const ofRole =
    (role: 'server' | 'client') =>
    ({ name }: { readonly name: string }) =>
      line(role, name, hostPath(name, ''), currentCertificate(ledger, name, role));
  return [
    line('authority', authority.name, authorityCertificatePath, currentAuthority(ledger)),
    ...servers.map(ofRole('server')),
    ...clients.map(ofRole('client')),
  ];
}
