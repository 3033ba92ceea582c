import { join } from 'node:path';
import { readTextIfAny } from '../../lib/files/read.ts';
import { usage } from '../../lib/problem.ts';
import type { Progress as ProgressLine } from '../../lib/progress.ts';
import type { IssueContext } from '../issue/issue-missing.ts';
import { issueNext, issueNextAuthority } from '../issue/issue-next.ts';
import type { Succession } from '../ledger/holders.ts';
import type { LedgerState } from '../ledger/ledger-state.ts';
import { digestOf, isListed } from '../ledger/listed-lines.ts';
import { standardOverlap } from '../ledger/renewal.ts';
import type { Inventory, LedgerEvent } from '../settings/types.ts';
import type { NewKey } from '../state/keys.ts';
import { settle } from '../state/settle.ts';
import type { Stored } from '../state/store.ts';
import { hostsBehind } from './behind.ts';
import { followedNews } from './followed-places.ts';
import { Progress } from './performed-so-far.ts';
import { planRotation } from './plan.ts';
import type { RotateRequest } from './rotate-request.ts';
import type { RotationReport } from './rotation-report.ts';
import { inUseEvents } from './seen-in-use.ts';
import {
  authorityIsDue,
  awaitedHosts,
  concerned,
  hostsAsked,
  isRollingOver,
  leavesToIssue,
  performable,
  restingLeaves,
} from './selection.ts';
import type { RotationStep } from './step.ts';

type State = Stored & { readonly inventory: Inventory };

export interface Advance {
  readonly stored: State;
  readonly wish: RotateRequest;
  readonly out: string;
  passphrase(): Promise<string | undefined>;
}

/** How files come to hosts in one run. */
export interface Delivery {
  /** By host, the reason; a host that failed is not tried again in the same run. */
  readonly failed: ReadonlyMap<string, string>;
  /** Answers the hosts that have their files; `remember` is called with those so far when a signal ends the run. */
  deliver(
    hosts: readonly string[],
    root: string,
    remember: (reached: readonly string[]) => Promise<unknown>,
  ): Promise<readonly string[]>;
}

/** What a rotation needs of the world. */
export interface AdvanceContext {
  now(): Date;
  random(bytes: number): Uint8Array;
  /** Counts the certificates of one turn. */
  progress(): ProgressLine;
  /** Undefined: somebody else brings the files. */
  readonly delivery: Delivery | undefined;
}

/** More turns than any rotation has; a plan that never comes to rest is a defect. */
const turns = 50;

/**
 * Performs what is due, turn by turn, until nothing is: each turn works out the plan anew, has what it leads to proved and
 * written, and then brings files to the hosts that the next steps wait for, where a hook says how. Every turn
 * leaves a whole state, so a run that is killed is continued by the next.
 */
export async function advance(
  { stored: start, wish, out, passphrase }: Advance,
  { now: clock, random, progress: counted, delivery }: AdvanceContext,
): Promise<RotationReport> {
  const { dryRun } = wish;
  const asked = hostsAsked(wish.selection);
  let stored = dryRun ? start : await completed(start);
  const run = new Progress();
  const failed = delivery?.failed ?? new Map<string, string>();
  const inUse = inUseEvents(wish.seen, stored.state, clock());
  const news = followedNews(stored.inventory, stored.state, wish.selection, clock());
  const shown = saidOfElsewhere(wish.deployed, stored, clock());
  let events: readonly LedgerEvent[] = [...said(wish.deployed, stored, clock()), ...inUse, ...shown, ...news.events];
  let begin = begins({ inventory: stored.inventory, state: stored.state.after(events) }, wish, clock());
  run.inUse.push(
    ...[...inUse, ...shown].flatMap((one) => ('serial' in one ? [{ holder: one.holder, serial: one.serial }] : [])),
  );
  run.ofPlaces.push(...news.notes);
  run.installed.push(...wish.deployed.filter((host) => events.some((one) => 'holder' in one && one.holder === host)));
  for (let turn = 0; ; turn++) {
    if (turn === turns) throw new Error('a rotation does not come to rest');
    const now = clock();
    const ledger = stored.state.after(events);
    const steps = planRotation(stored.inventory, ledger, now, asked);
    const due = performable(concerned(steps, wish.selection));
    const progress = counted();
    const context: IssueContext = {
      ...{ now, random, passphrase, progress: progress.step },
      read: (path) => readTextIfAny(join(stored.root, path)),
    };
    const leaves = leavesToIssue(steps, wish.selection, stored.inventory, ledger, begin.leaves);
    const issued = await issueNext(leaves, stored.inventory, ledger, wish, context);
    const keys: NewKey[] = [...issued.keys];
    const done = perform(due, stored.inventory, ledger, now.toISOString());
    let { inventory } = done;
    const happened = [...events, ...done.events, ...issued.events, ...begin.events(now)];
    if (begin.authority || (begin.mayBeDue && authorityIsDue(steps, wish.selection))) {
      inventory = { ...inventory, authority: { ...inventory.authority, ...wish.authority } };
      const next = await issueNextAuthority(inventory.authority, wish.overlap, context);
      keys.push(...next.keys);
      happened.push(...next.events);
    }
    progress.end();
    begin = nothing;
    events = [];
    if (happened.length > 0) {
      const settled = await settle(stored, { inventory, events: happened, keys }, { dryRun, gate: true });
      run.add(settled, due, happened);
      if (settled.proof !== 'met' || dryRun)
        return run.report(out, dryRun, settled.ledger, wish, inventory, failed, now);
      stored = settled.stored;
    }
    if (dryRun) return run.report(out, dryRun, ledger, wish, inventory, failed, now);
    const plan = planRotation(stored.inventory, stored.state, clock(), asked);
    if (performable(concerned(plan, wish.selection)).length > 0) continue;
    if (leavesToIssue(plan, wish.selection, stored.inventory, stored.state, []).length > 0) continue;
    const installed = (hosts: readonly string[]) => {
      const at = clock().toISOString();
      return hosts.map((holder): LedgerEvent => ({ at, event: 'installed', holder }));
    };
    const known = stored;
    const reached =
      (await delivery?.deliver(hostsToReach(plan, stored, wish), stored.root, (hosts) =>
        settle(known, { inventory: known.inventory, events: installed(hosts), keys: [] }),
      )) ?? [];
    if (reached.length === 0) return run.report(out, dryRun, stored.state, wish, stored.inventory, failed, clock());
    run.installed.push(...reached);
    events = installed(reached);
  }
}

/**
 * The state with all files that follow from it: a run that was killed may have left old ones, and what is said to be deployed
 * must be what the ledger tells of.
 */
async function completed(stored: State): Promise<State> {
  if (stored.isSettled()) return stored;
  const settled = await settle(stored, { inventory: stored.inventory, events: [], keys: [] }, { whole: true });
  return settled.stored;
}

interface Beginning {
  readonly leaves: readonly Succession[];
  readonly authority: boolean;
  readonly mayBeDue: boolean;
  events(now: Date): readonly LedgerEvent[];
}

const nothing: Beginning = { leaves: [], authority: false, mayBeDue: false, events: () => [] };

/** What the run begins at the operator's word; what is under way already is only continued. */
function begins({ inventory, state }: Pick<State, 'inventory' | 'state'>, wish: RotateRequest, at: Date): Beginning {
  const { names, all, authority } = wish.selection;
  const isBegun = !wish.selection.due && (names !== undefined || all);
  const resting = isBegun ? restingLeaves(inventory, state, at) : [];
  return {
    leaves: names === undefined ? resting : resting.filter(({ holder }) => names.has(holder)),
    authority: authority && !isRollingOver(state.authorities),
    mayBeDue: !isRollingOver(state.authorities),
    events: (now) => digestBegins(wish, inventory, state, now),
  };
}

/** Hosts that steps of the run wait for, and those that lack files which should be in force. */
function hostsToReach(
  plan: readonly RotationStep[],
  { inventory, state }: State,
  wish: RotateRequest,
): readonly string[] {
  return [...new Set([...awaitedHosts(concerned(plan, wish.selection)), ...hostsBehind(inventory, state)])];
}

/** Hosts that have certificates from elsewhere use the newest, if the operator says so. */
function saidOfElsewhere(hosts: readonly string[], { inventory, state }: State, now: Date): readonly LedgerEvent[] {
  if (hosts.length === 0) return [];
  const awaited = planRotation(inventory, state, now, new Set(hosts)).flatMap(({ waitingFor }) =>
    waitingFor.flatMap((one) => (one.kind === 'seen' ? [one] : [])),
  );
  const bySerial = new Map(awaited.map(({ host, serial }) => [serial, host]));
  return [...bySerial].map(([serial, holder]) => ({ at: now.toISOString(), event: 'deployed', holder, serial }));
}

/** What the operator says of hosts, unless it is known already. */
function said(hosts: readonly string[], { inventory, state }: State, now: Date): readonly LedgerEvent[] {
  if (hosts.length === 0) return [];
  const awaited = awaitedHosts(planRotation(inventory, state, now));
  const news = new Set([...awaited, ...hostsBehind(inventory, state)]);
  return hosts
    .filter((host) => news.has(host) || !state.installed.has(host))
    .map((holder) => ({ at: now.toISOString(), event: 'installed', holder }));
}

/** What steps lead to when they are performed. */
interface Performed {
  readonly inventory: Inventory;
  readonly events: readonly LedgerEvent[];
}

const moments = { admit: 'admitted', deploy: 'handed', retire: 'retired' } as const;

/** Performs steps of every kind but `issue`, which needs a key. `at` is the time of the events. */
export function perform(
  steps: readonly RotationStep[],
  inventory: Inventory,
  ledger: LedgerState,
  at: string,
): Performed {
  let wanted = inventory;
  const events = steps.flatMap((step): readonly LedgerEvent[] => {
    if (step.kind === 'issue') return [];
    const moment = moments[step.kind];
    if (step.serial !== undefined) return [{ at, event: moment, holder: step.holder, serial: step.serial }];
    const exchange = ledger.digestExchange;
    if (exchange === undefined) return [];
    const { from, to, overlap } = exchange;
    if (moment === 'handed') wanted = { ...wanted, settings: { ...wanted.settings, digest: to } };
    return [{ at, event: 'digest', moment, from, to, overlap }];
  });
  return { inventory: wanted, events };
}

/**
 * The beginning of an exchange of the maps' digest; nothing when it is in force already, or the exchange is under way.
 * @throws CertrelayError (usage) when another exchange is under way, and when lines of an earlier map have no certificate
 * from which the fingerprint in the new digest could be worked out.
 */
function digestBegins(
  { digest, overlap = standardOverlap }: RotateRequest,
  { settings }: Inventory,
  { digestExchange, listed }: LedgerState,
  now: Date,
): readonly LedgerEvent[] {
  if (digest === undefined) return [];
  const open = digestExchange?.retired === undefined ? digestExchange : undefined;
  if (open !== undefined) {
    if (open.to === digest) return [];
    throw usage(
      'digest-under-way',
      `the maps are on their way from ${open.from} to ${open.to}`,
      `finish that first: "certrelay rotate --digest ${open.to}" says what it waits for`,
    );
  }
  if (digest === settings.digest) return [];
  const lost = listed.filter((line) => isListed(line) && digestOf(line.fingerprint) !== digest);
  if (lost.length > 0) {
    throw usage(
      'digest-listed',
      `${lost.length} ${lost.length === 1 ? 'line' : 'lines'} of an earlier map would no longer let anybody in: only the ${settings.digest} fingerprint is known`,
      'add the certificates behind them with "certrelay add NAME --cert FILE" and take the lines out first',
    );
  }
  return [{ at: now.toISOString(), event: 'digest', moment: 'admitted', from: settings.digest, to: digest, overlap }];
}
