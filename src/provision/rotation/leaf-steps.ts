import { isPinnedAlready, lacking, type Succession } from '../ledger/holders.ts';
import { type CertificateState, currentAuthority, isHanded, type LedgerState } from '../ledger/ledger-state.ts';
import type { Inventory } from '../settings/types.ts';
import { overlapEnd, renewalTime, until } from './clock.ts';
import { isPublished, waitingForTable } from './publication.ts';
import type { RotationStep, Waiting } from './step.ts';

/** The steps of one host's certificate: the renewal that will be due, or the rotation that is under way. */
export function leafSteps(
  succession: Succession,
  inventory: Inventory,
  ledger: LedgerState,
  now: Date,
): readonly RotationStep[] {
  const { holder, role, newest, older } = succession;
  const about = { role, holder };
  if (older.length === 0 && isHanded(newest)) return restingSteps(succession, ledger, now);
  return [
    { kind: 'issue', ...about, serial: newest.serial, dueAt: newest.issued, waitingFor: [], done: true },
    admitStep(succession),
    deployStep(succession, inventory, ledger),
    ...older.map((old) => retireStep(succession, old, now)),
    // The authority may have been rolled over since the rotation began.
    ...(isHanded(newest) && isOfOldAuthority(newest, ledger) ? [renewalStep(succession, ledger, now)] : []),
  ];
}

/** The one step that nearly every host of a fleet has; a run works out several plans, and the same certificates are in each. */
const resting = new WeakMap<CertificateState, Resting>();

interface Resting {
  readonly authority: CertificateState | undefined;
  /** Milliseconds since 1970: at these times and all between them the steps are the same. */
  readonly from: number;
  readonly to: number;
  readonly steps: readonly RotationStep[];
}

/** The steps of a host whose certificate is good for a while, or is to be renewed. */
function restingSteps(succession: Succession, ledger: LedgerState, now: Date): readonly RotationStep[] {
  const { newest } = succession;
  const authority = currentAuthority(ledger);
  const known = resting.get(newest);
  const time = now.getTime();
  if (known !== undefined && known.authority === authority && known.from <= time && time <= known.to) {
    return known.steps;
  }
  const renewal = renewalStep(succession, ledger, now);
  const steps = newest.admitted === undefined ? [admitStep(succession), renewal] : [renewal];
  // The clock decides at two moments only: when renewal is due, and when the authority ends.
  let [from, to] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const moment of [renewal.dueAt, authority?.notAfter]) {
    const at = moment === undefined ? Number.POSITIVE_INFINITY : Date.parse(moment);
    if (at <= time) from = Math.max(from, at);
    else to = Math.min(to, at - 1);
  }
  resting.set(newest, { authority, from, to, steps });
  return steps;
}

/** The authority that issued it no longer issues, because another does. */
export function isOfOldAuthority(certificate: CertificateState, ledger: LedgerState): boolean {
  const authority = currentAuthority(ledger);
  return authority !== undefined && certificate.issuer !== undefined && certificate.issuer !== authority.serial;
}

function renewalStep({ holder, role, newest }: Succession, ledger: LedgerState, now: Date): RotationStep {
  const authority = currentAuthority(ledger);
  const isOld = isOfOldAuthority(newest, ledger);
  const dueAt = isOld ? (authority?.handed ?? newest.issued) : renewalTime(newest);
  // Renewed again and again, a certificate that ends with its authority would never last longer.
  const limit = authority === undefined ? Number.POSITIVE_INFINITY : Date.parse(authority.notAfter);
  const isLast = (!isOld && limit <= Date.parse(newest.notAfter) + 1000) || limit <= now.getTime();
  const waitingFor: readonly Waiting[] = [
    ...(isOld ? [] : until('renewal', dueAt, now)),
    ...(isLast ? [{ kind: 'authority' } as const] : []),
  ];
  return { kind: 'issue', role, holder, serial: newest.serial, dueAt, waitingFor, done: false };
}

function admitStep({ holder, role, newest }: Succession): RotationStep {
  const done = newest.admitted !== undefined;
  return {
    ...{ kind: 'admit', role, holder, serial: newest.serial, waitingFor: [], done },
    dueAt: newest.admitted ?? newest.issued,
  };
}

/** A client's certificate must be in every server's map before it is used; a pinned server's in every client's pins. */
function deployStep(
  { holder, role, newest, older }: Succession,
  inventory: Inventory,
  ledger: LedgerState,
): RotationStep {
  const done = newest.handed !== undefined;
  const about = { kind: 'deploy', role, holder, serial: newest.serial, done } as const;
  if (done) return { ...about, dueAt: newest.handed, waitingFor: [] };
  if (newest.admitted === undefined) {
    return { ...about, dueAt: undefined, waitingFor: [{ kind: 'step', step: 'admit' }] };
  }
  const { settings, servers, clients } = inventory;
  const isPinned = role === 'client' || settings.clientLevel === 'fingerprint';
  if (role === 'client' && isPublished(inventory)) {
    const isThere = isPinnedAlready(newest, older, settings);
    const waitingFor = isThere ? [] : waitingForTable(inventory, ledger, newest.order.admitted);
    return { ...about, dueAt: waitingFor.length === 0 ? newest.admitted : undefined, waitingFor };
  }
  const hosts =
    !isPinned || isPinnedAlready(newest, older, settings)
      ? []
      : lacking(role === 'client' ? servers : clients, ledger, newest.order.admitted);
  const files = role === 'client' ? 'map' : 'pins';
  return {
    ...about,
    dueAt: hosts.length === 0 ? newest.admitted : undefined,
    waitingFor: hosts.length === 0 ? [] : [{ kind: 'hosts', files, hosts }],
  };
}

function retireStep({ holder, role, newest }: Succession, old: CertificateState, now: Date): RotationStep {
  const about = { kind: 'retire', role, holder, serial: old.serial, done: false } as const;
  if (newest.handed === undefined) {
    return { ...about, dueAt: undefined, waitingFor: [{ kind: 'step', step: 'deploy' }] };
  }
  const dueAt = overlapEnd(newest.handed, newest.overlap);
  const use: readonly Waiting[] =
    newest.deployed === undefined ? [{ kind: 'use', host: holder, serial: newest.serial }] : [];
  return { ...about, dueAt, waitingFor: [...use, ...until('overlap', dueAt, now)] };
}
