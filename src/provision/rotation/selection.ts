import { type Succession, successions } from '../ledger/holders.ts';
import { type CertificateState, isHanded, type LedgerState } from '../ledger/ledger-state.ts';
import type { Inventory } from '../settings/types.ts';
import { isOfOldAuthority, leafSteps } from './leaf-steps.ts';
import { isDue, type RotationStep } from './step.ts';

/** What a run is asked to rotate, or to go on with. */
export interface Selection {
  /** These hosts only; absent: whatever the rest says. */
  readonly names: ReadonlySet<string> | undefined;
  readonly all: boolean;
  /** Whatever the clock says is due. */
  readonly due: boolean;
  readonly authority: boolean;
  readonly digest: boolean;
  /** Go on with every rotation that is under way. */
  readonly goOn: boolean;
}

/** The steps that a run is about, whatever their state. */
export function concerned(steps: readonly RotationStep[], selection: Selection): readonly RotationStep[] {
  return steps.filter((step) => isConcerned(step, selection));
}

/** The hosts of which a run looks at the steps of their own; undefined: all. */
export function hostsAsked({ names, authority, goOn }: Selection): ReadonlySet<string> | undefined {
  return authority || goOn ? undefined : names;
}

function isConcerned({ role, holder }: Pick<RotationStep, 'role' | 'holder'>, selection: Selection): boolean {
  const { names, all, due, authority, digest, goOn } = selection;
  if (goOn) return true;
  if ((role === 'authority' && authority) || (role === 'digest' && digest)) return true;
  const isLeaf = role === 'server' || role === 'client';
  // The leaves follow the authority, or its rotation would never end.
  if (isLeaf && authority) return true;
  return names === undefined ? due || (isLeaf && all) : isLeaf && names.has(holder);
}

/** The steps to perform now that need no new certificate. */
export function performable(steps: readonly RotationStep[]): readonly RotationStep[] {
  return steps.filter((step) => step.kind !== 'issue' && isDue(step));
}

/**
 * Hosts for which a rotation may be begun: none is under way, or all that is left of one is to take old certificates out, and
 * that is due. Were that left to another run, the same command twice would not be the same as once.
 */
export function restingLeaves(inventory: Inventory, ledger: LedgerState, now: Date): readonly Succession[] {
  const isOver = (leaf: Succession) =>
    leafSteps(leaf, inventory, ledger, now).every((step) => step.kind !== 'retire' || isDue(step));
  return successions(inventory, ledger).filter(
    (leaf) => isHanded(leaf.newest) && (leaf.older.length === 0 || isOver(leaf)),
  );
}

/** The hosts that are to get a new certificate now. `begin` are those whose rotation the operator asked for. */
export function leavesToIssue(
  steps: readonly RotationStep[],
  selection: Selection,
  inventory: Inventory,
  ledger: LedgerState,
  begin: readonly Succession[],
): readonly Succession[] {
  const key = ({ role, holder }: Pick<RotationStep, 'role' | 'holder'>) => `${role} ${holder}`;
  const asked = hostsAsked(selection);
  const begun = new Set(begin.map(key));
  const due = new Set(steps.filter((step) => step.kind === 'issue' && isDue(step)).map(key));
  return successions(inventory, ledger).filter(
    (leaf) =>
      asked?.has(leaf.holder) !== false &&
      (begun.has(key(leaf)) ||
        (due.has(key(leaf)) &&
          isConcerned(leaf, selection) &&
          (selection.due || isOfOldAuthority(leaf.newest, ledger)))),
  );
}

/** True when the authority is to be rolled over now. */
export function authorityIsDue(steps: readonly RotationStep[], selection: Selection): boolean {
  return selection.due && steps.some((step) => step.role === 'authority' && step.kind === 'issue' && isDue(step));
}

/** A rollover is under way: more than one authority is in the bundle. */
export function isRollingOver(authorities: readonly CertificateState[]): boolean {
  return authorities.filter((one) => one.retired === undefined && one.revoked === undefined).length > 1;
}

/** Hosts that steps wait for: to have their files, or to show their new certificate. */
export function awaitedHosts(steps: readonly RotationStep[]): readonly string[] {
  const hosts = steps
    .filter(({ done }) => !done)
    .flatMap(({ waitingFor }) =>
      waitingFor.flatMap((one) => (one.kind === 'hosts' ? one.hosts : one.kind === 'use' ? [one.host] : [])),
    );
  return [...new Set(hosts)];
}
