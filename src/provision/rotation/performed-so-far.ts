import type { Problem } from '../../lib/problem.ts';
import type { Inventory, LedgerEvent } from '../settings/types.ts';
import type { Settled } from '../state/settle.ts';
import { hostsBehind } from './behind.ts';
import { planRotation } from './plan.ts';
import { publicationIsDue } from './publication.ts';
import type { RotateRequest } from './rotate-request.ts';
import type { RotationReport } from './rotation-report.ts';
import { awaitedHosts, concerned, hostsAsked } from './selection.ts';
import type { DoneStep } from './step.ts';

/** What a run has done so far. */
export class Progress {
  readonly installed: string[] = [];
  readonly inUse: { readonly holder: string; readonly serial: string }[] = [];
  private readonly performed: DoneStep[] = [];
  private readonly created = new Set<string>();
  private readonly updated = new Set<string>();
  private readonly removed = new Set<string>();
  /** What places that are followed gave occasion to say. */
  readonly ofPlaces: Problem[] = [];
  private notes: readonly Problem[] = [];
  private settled: Settled | undefined;

  add(settled: Settled, due: readonly DoneStep[], events: readonly LedgerEvent[]): void {
    this.settled = settled;
    this.notes = settled.notices;
    if (settled.proof !== 'met') return;
    const steps = due.map(({ kind, role, holder, serial }) => ({ kind, role, holder, serial }));
    this.performed.push(...steps);
    for (const event of events) {
      if (event.event === 'issued') {
        const { role, holder, serial } = event;
        this.performed.push({ kind: 'issue', role, holder, serial }, { kind: 'admit', role, holder, serial });
      }
      if (event.event === 'digest' && event.moment === 'admitted') {
        this.performed.push({ kind: 'admit', role: 'digest', holder: event.to, serial: undefined });
      }
    }
    for (const path of settled.created) this.created.add(path);
    for (const path of settled.updated) if (!this.created.has(path)) this.updated.add(path);
    for (const path of settled.removed) this.removed.add(path);
  }

  report(
    out: string,
    dryRun: boolean,
    ledger: Settled['ledger'],
    wish: RotateRequest,
    inventory: Inventory,
    failed: ReadonlyMap<string, string>,
    now: Date,
  ): RotationReport {
    const steps = concerned(planRotation(inventory, ledger, now, hostsAsked(wish.selection)), wish.selection);
    const behind = dryRun ? [] : hostsBehind(inventory, ledger);
    const awaited = new Set(behind.length === 0 ? [] : awaitedHosts(planRotation(inventory, ledger, now)));
    return {
      ...{ out, dryRun, proof: this.settled?.proof ?? 'met', performed: this.performed, installed: this.installed },
      inUse: this.inUse,
      pending: steps.filter((step) => !step.done && !isFarRenewal(step, wish)),
      behind: behind.filter((host) => !awaited.has(host)),
      publicationIsDue: !dryRun && publicationIsDue(inventory, ledger),
      failed: [...failed].map(([host, reason]) => ({ host, reason })),
      created: [...this.created].filter((path) => !this.removed.has(path)),
      updated: [...this.updated],
      removed: [...this.removed].filter((path) => !this.created.has(path)),
      verifications: this.settled?.verifications ?? [],
      notes: [...this.ofPlaces, ...this.notes],
    };
  }
}

/** The next renewal of a certificate that was only just made is no news. */
function isFarRenewal({ kind, waitingFor }: RotationReport['pending'][number], { selection }: RotateRequest): boolean {
  return kind === 'issue' && (!selection.due || waitingFor.some((one) => one.kind === 'time'));
}
