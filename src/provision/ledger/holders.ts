import type { Inventory, Settings } from '../settings/types.ts';
import { type CertificateState, isLive, isOurs, type LedgerState } from './ledger-state.ts';

/** The certificates of one host in one role that a rotation is about. */
export interface Succession {
  readonly holder: string;
  readonly role: 'server' | 'client';
  /** The newest live one: in use, or on its way to be. */
  readonly newest: CertificateState;
  /** Live ones that it takes the place of, oldest first. */
  readonly older: readonly CertificateState[];
}

/** Worked out once for each state, for a plan asks several times and a fleet has thousands. */
const known = new WeakMap<LedgerState, { readonly inventory: Inventory; readonly list: readonly Succession[] }>();

/** The successions of every host that certrelay issues for, servers first. */
export function successions(inventory: Inventory, ledger: LedgerState): readonly Succession[] {
  const before = known.get(ledger);
  if (before?.inventory === inventory) return before.list;
  const list = workOut(inventory, ledger);
  known.set(ledger, { inventory, list });
  return list;
}

function workOut({ settings, servers, clients }: Inventory, ledger: LedgerState): readonly Succession[] {
  const lists = [
    ['server', settings.serverCert === 'internal' ? servers : []],
    ['client', clients],
  ] as const;
  const found: Succession[] = [];
  for (const [role, hosts] of lists) {
    for (const { name } of hosts) {
      const all = ledger.of(name, role);
      const live = all.length === 1 ? all : all.filter((one) => isLive(one) && isOurs(one));
      const newest = live.at(-1);
      if (newest === undefined || !isLive(newest) || !isOurs(newest)) continue;
      found.push({ holder: name, role, newest, older: live.length === 1 ? none : live.slice(0, -1) });
    }
  }
  return found;
}

const none: readonly CertificateState[] = [];

/** Which of these hosts are not known to have taken their files since the moment of that order. */
export function lacking(
  hosts: readonly { readonly name: string }[],
  ledger: LedgerState,
  order: number | undefined,
): readonly string[] {
  if (order === undefined) return [];
  return hosts.filter(({ name }) => (ledger.installed.get(name)?.order ?? 0) < order).map(({ name }) => name);
}

/**
 * True when a pin that is already in force fits the new certificate as well: Postfix takes either fingerprint, so a
 * certificate that kept its key needs no new line where keys are listed.
 */
export function isPinnedAlready(
  newest: CertificateState,
  older: readonly CertificateState[],
  { pin }: Pick<Settings, 'pin'>,
): boolean {
  if (pin === 'certificate') return false;
  const key = newest.publicKeyFingerprint.sha256;
  return older.some((one) => one.admitted !== undefined && one.publicKeyFingerprint.sha256 === key);
}
