import { lacking } from '../ledger/holders.ts';
import type { LedgerState } from '../ledger/ledger-state.ts';
import type { Inventory } from '../settings/types.ts';
import { overlapEnd, until } from './clock.ts';
import { isPublished, waitingForTable } from './publication.ts';
import type { RotationStep, Waiting } from './step.ts';

/**
 * The steps by which the maps go from one digest to another: lines in both, then the setting, then the old lines out.
 * Fingerprints of different digests differ in length, so lines of both never clash.
 */
export function digestSteps(inventory: Inventory, ledger: LedgerState, now: Date): readonly RotationStep[] {
  const exchange = ledger.digestExchange;
  if (exchange === undefined || exchange.retired !== undefined) return [];
  const { from, to, overlap, admitted } = exchange;
  const { settings, servers, clients } = inventory;
  // Clients work out fingerprints only where they pin the server by one.
  const concerned = settings.clientLevel === 'fingerprint' ? [...servers, ...clients] : servers;
  const about = { role: 'digest', serial: undefined } as const;
  const isSet = exchange.handed !== undefined && settings.digest === to;
  // Lines of both are in the one table, or on every server; clients have files in either case.
  const hasTable = isPublished(inventory);
  const holders = hasTable ? concerned.filter((host) => !servers.includes(host)) : concerned;
  const without = [...new Set(lacking(holders, ledger, admitted.order))];
  const lacks: readonly Waiting[] = [
    ...(hasTable ? waitingForTable(inventory, ledger, admitted.order) : []),
    ...(without.length > 0 ? [{ kind: 'hosts', files: 'map', hosts: without } as const] : []),
  ];
  const deploy: RotationStep = {
    ...{ kind: 'deploy', ...about, holder: to, done: isSet },
    dueAt: isSet ? exchange.handed?.at : lacks.length === 0 ? admitted.at : undefined,
    waitingFor: isSet ? [] : lacks,
  };
  return [
    { kind: 'admit', ...about, holder: to, dueAt: admitted.at, waitingFor: [], done: true },
    deploy,
    { kind: 'retire', ...about, holder: from, ...retirement(), done: false },
  ];

  function retirement(): Pick<RotationStep, 'dueAt' | 'waitingFor'> {
    if (!isSet || exchange?.handed === undefined) {
      return { dueAt: undefined, waitingFor: [{ kind: 'step', step: 'deploy' }] };
    }
    const dueAt = overlapEnd(exchange.handed.at, overlap);
    const old = [...new Set(lacking(concerned, ledger, exchange.handed.order))];
    const hosts: readonly Waiting[] = old.length === 0 ? [] : [{ kind: 'hosts', files: 'setting', hosts: old }];
    return { dueAt, waitingFor: [...hosts, ...until('overlap', dueAt, now)] };
  }
}
