import { lacking, type Succession } from '../ledger/holders.ts';
import { type CertificateState, isLive, type LedgerState } from '../ledger/ledger-state.ts';
import type { Inventory } from '../settings/types.ts';
import { overlapEnd, renewalTime, until } from './clock.ts';
import type { RotationStep, Waiting } from './step.ts';

/** The steps of the authority: like a certificate's, with the bundle of every host in the place of the map. */
export function authoritySteps(
  inventory: Inventory,
  ledger: LedgerState,
  leaves: readonly Succession[],
  now: Date,
): readonly RotationStep[] {
  const live = ledger.authorities.filter(isLive);
  const newest = live.at(-1);
  if (newest === undefined) return [];
  const about = { role: 'authority', holder: newest.holder } as const;
  const older = live.slice(0, -1);
  if (older.length === 0) {
    const dueAt = renewalTime(newest);
    const waitingFor = until('renewal', dueAt, now);
    return [{ kind: 'issue', ...about, serial: newest.serial, dueAt, waitingFor, done: false }];
  }
  return [
    { kind: 'issue', ...about, serial: newest.serial, dueAt: newest.issued, waitingFor: [], done: true },
    {
      ...{ kind: 'admit', ...about, serial: newest.serial, waitingFor: [], done: newest.admitted !== undefined },
      dueAt: newest.admitted ?? newest.issued,
    },
    deployStep(newest, inventory, ledger),
    ...older.map((old) => retireStep(newest, old, leaves, now)),
  ];
}

/** It begins to issue when every host is known to trust it: a certificate that it issues may go anywhere. */
function deployStep(newest: CertificateState, { servers, clients }: Inventory, ledger: LedgerState): RotationStep {
  const done = newest.handed !== undefined;
  const about = { kind: 'deploy', role: 'authority', holder: newest.holder, serial: newest.serial, done } as const;
  if (done) return { ...about, dueAt: newest.handed, waitingFor: [] };
  if (newest.admitted === undefined) {
    return { ...about, dueAt: undefined, waitingFor: [{ kind: 'step', step: 'admit' }] };
  }
  const hosts = [...new Set(lacking([...servers, ...clients], ledger, newest.order.admitted))];
  return {
    ...about,
    dueAt: hosts.length === 0 ? newest.admitted : undefined,
    waitingFor: hosts.length === 0 ? [] : [{ kind: 'hosts', files: 'bundle', hosts }],
  };
}

/** The old one leaves the bundle when nothing that it issued is in force any more. */
function retireStep(
  newest: CertificateState,
  old: CertificateState,
  leaves: readonly Succession[],
  now: Date,
): RotationStep {
  const about = { kind: 'retire', role: 'authority', holder: old.holder, serial: old.serial, done: false } as const;
  if (newest.handed === undefined) {
    return { ...about, dueAt: undefined, waitingFor: [{ kind: 'step', step: 'deploy' }] };
  }
  const dueAt = overlapEnd(newest.handed, newest.overlap);
  const hosts = leaves
    .filter((leaf) => [leaf.newest, ...leaf.older].some(({ issuer }) => issuer === old.serial))
    .map(({ holder }) => holder);
  const left: readonly Waiting[] = hosts.length === 0 ? [] : [{ kind: 'leaves', hosts: [...new Set(hosts)] }];
  return { ...about, dueAt, waitingFor: [...left, ...until('overlap', dueAt, now)] };
}
