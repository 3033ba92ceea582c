import { lacking } from '../ledger/holders.ts';
import { type CertificateState, isLive, type LedgerState } from '../ledger/ledger-state.ts';
import type { Inventory } from '../settings/types.ts';
import { overlapEnd, until } from './clock.ts';
import type { RotationStep, Waiting } from './step.ts';

/**
 * The steps of certificates from elsewhere whose places are followed: each is admitted when it is found, its host has its files
 * already, and what the place held before is retired when the overlap is over and the new one is known to be in use.
 * Whoever shows one that has expired by then has it from a renewal that failed, or no longer at all: for that nobody waits.
 */
export function followedSteps(
  { servers, clients }: Inventory,
  ledger: LedgerState,
  now: Date,
): readonly RotationStep[] {
  const followed = ledger.certificates.filter(({ replaces }) => replaces !== undefined && replaces.length > 0);
  if (followed.length === 0) return [];
  const wanted = new Set(clients.map(({ name }) => name));
  const known = new Map(ledger.certificates.map((one) => [one.serial, one]));
  const done = new Set<string>();
  const steps: RotationStep[] = [];
  // The newest first: it is the one to wait for, and those before it may have been skipped.
  for (const newest of followed.toReversed()) {
    if (newest.role !== 'client' || !isLive(newest) || !wanted.has(newest.holder)) continue;
    const { role, holder, serial } = newest;
    const retiring = before(newest, known).filter((old) => isLive(old) && !done.has(old.serial));
    if (retiring.length === 0) continue;
    for (const old of retiring) done.add(old.serial);
    const about = { role, holder } as const;
    steps.push(
      { kind: 'issue', ...about, serial, dueAt: newest.issued, waitingFor: [], done: true },
      { kind: 'admit', ...about, serial, dueAt: newest.admitted ?? newest.issued, waitingFor: [], done: true },
      ...retiring.map((old) => retireStep(newest, old, lacking(servers, ledger, newest.order.admitted), now)),
    );
  }
  return steps;
}

/** All that a certificate has taken the place of, directly or through others. */
function before(newest: CertificateState, known: ReadonlyMap<string, CertificateState>): readonly CertificateState[] {
  const found = new Set<CertificateState>();
  const open = [...(newest.replaces ?? [])];
  for (let serial = open.pop(); serial !== undefined; serial = open.pop()) {
    const old = known.get(serial);
    if (old === undefined || old === newest || found.has(old) || old.holder !== newest.holder) continue;
    found.add(old);
    open.push(...(old.replaces ?? []));
  }
  return [...found];
}

function retireStep(
  newest: CertificateState,
  old: CertificateState,
  withoutMap: readonly string[],
  now: Date,
): RotationStep {
  const dueAt = overlapEnd(newest.admitted ?? newest.issued, newest.overlap);
  const hasEnded = Date.parse(old.notAfter) <= now.getTime();
  const seen: readonly Waiting[] =
    newest.deployed !== undefined || hasEnded
      ? []
      : [
          ...(withoutMap.length === 0 ? [] : [{ kind: 'hosts', files: 'map', hosts: withoutMap } as const]),
          { kind: 'seen', host: newest.holder, serial: newest.serial },
        ];
  return {
    ...{ kind: 'retire', role: 'client', holder: old.holder, serial: old.serial, done: false },
    ...{ dueAt, waitingFor: [...seen, ...until('overlap', dueAt, now)] },
  };
}
