import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Change } from '../../lib/files/change.ts';
import { commit, pending } from '../../lib/files/files.ts';
import { readTextIfAny } from '../../lib/files/read.ts';
import type { Problem } from '../../lib/problem.ts';
import type { Progress } from '../../lib/progress.ts';
import type { Digest } from '../../x509/algorithms.ts';
import { stateLayout } from '../ledger/layout.ts';
import type { LedgerState } from '../ledger/ledger-state.ts';
import { hostNames } from '../render/host-view.ts';
import { plan, type RenderInput, type Template } from '../render/plan.ts';
import { touchedLines } from '../render/touched-lines.ts';
import type { Inventory, LedgerEvent } from '../settings/types.ts';
import type { ServerVerification } from '../verify/verify.ts';
import { type Outcome, overall } from '../verify/verify.ts';
import { asPlanned, type Before, baseOf, verifyPlan } from '../verify/verify-plan.ts';
import type { NewKey } from './keys.ts';
import { stateFiles } from './state-files.ts';
import { afterwards, type Stored, stateChanges } from './store.ts';
import { readTemplates } from './templates.ts';

/** What a run wants the state to become. */
export interface Step {
  readonly inventory: Inventory;
  /** What happened since the ledger was read. */
  readonly events: readonly LedgerEvent[];
  readonly keys: readonly NewKey[];
}

/** What became of it. */
export interface Settled {
  /** The proof; nothing is written unless it is `met`. */
  readonly proof: Outcome;
  readonly verifications: readonly ServerVerification[];
  readonly ledger: LedgerState;
  /** What lies there now. */
  readonly stored: Stored & { readonly inventory: Inventory };
  /** False after a dry run, and when the proof failed. */
  readonly written: boolean;
  /** Paths below the state's folder, in the order in which they took effect. */
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
  /** Every change that was considered, for those who show differences. */
  readonly changes: readonly Change[];
  readonly notices: readonly Problem[];
}

/** How a step is settled. */
export interface Manner {
  readonly dryRun?: boolean;
  /** Prove as well that nobody gains or loses but those whom the step is about. */
  readonly gate?: boolean;
  /** Look at the files of all hosts, not only of those whom the step is about. */
  readonly whole?: boolean;
  before?(changes: readonly Change[]): void;
  readonly progress?: Pick<Progress, 'of'>;
}

/**
 * Plans every file that follows from a step, has the plan judged, and writes it: in this order, so that a step with
 * which the wrong clients could relay, or the right ones could not, leaves nothing behind; nor does one that cannot be
 * proved.
 * `before` sees the changes that are about to be made, while the old files are still there.
 */
export async function settle(
  stored: Stored,
  { inventory, events, keys }: Step,
  { dryRun = false, gate = false, whole = false, before = () => {}, progress }: Manner = {},
): Promise<Settled> {
  const { root } = stored;
  const read = (path: string) => readTextIfAny(join(root, path));
  const ledger = stored.state.after(events);
  const hosts = whole ? undefined : concernedHosts(stored, { inventory, events }, ledger);
  const names = hosts === undefined ? hostNames({ inventory, ledger }) : present(hosts, inventory);
  const templates = readTemplates();
  const rendered = plan({ inventory, ledger }, templates, names, progress?.of('rendering hosts:'));
  const verifications = verifyPlan({
    ...{ inventory, ledger, plan: rendered, base: baseOf(inventory) },
    rendered: asPlanned(rendered),
    shown: shownIn(stored, inventory, ledger),
    ...(gate ? evidenceBefore(stored, { inventory, ledger }, templates) : {}),
  });
  const proof = overall(verifications.flatMap(({ rows }) => rows));

  const files = stateFiles({
    ...{ before: stored.inventory, inventory, ledger, plan: rendered, newKeys: keys, read },
    list: (folder) => namesIn(join(root, folder)),
    ...(hosts === undefined ? {} : { hosts: new Set(hosts) }),
  });
  const outcome = { inventory, events, files, state: ledger };
  const changes = stateChanges(stored, outcome);
  before(changes);
  const existed = new Set(changes.map(({ path }) => path).filter((path) => existsSync(join(root, path))));
  const written = !dryRun && proof === 'met';
  const done = written
    ? await commit(changes, stateLayout(root), undefined, progress?.of('writing files:'))
    : pending(changes, stateLayout(root));
  const changed = [...done.written, ...done.repaired];
  return {
    ...{ proof, verifications, ledger, written, changes },
    stored: { ...(written ? afterwards(stored, outcome) : stored), inventory },
    created: changed.filter((path) => !existed.has(path)),
    updated: changed.filter((path) => existed.has(path)),
    removed: done.removed,
    unchanged: done.unchanged.length,
    notices: rendered.notices,
  };
}

/** Those of these hosts that the inventory has, in their order. */
function present(hosts: readonly string[], { servers, clients }: Inventory): readonly string[] {
  const wanted = new Set(hosts);
  const found = new Set([...servers, ...clients].flatMap(({ name }) => (wanted.has(name) ? [name] : [])));
  return hosts.filter((name) => found.has(name));
}

/** The digests that are in force before or after a step, or were while they were exchanged. */
function shownIn(stored: Stored, { settings }: Inventory, { digestExchange }: LedgerState): readonly Digest[] {
  const exchanged = digestExchange === undefined ? [] : [digestExchange.from, digestExchange.to];
  return [...new Set([settings.digest, stored.inventory?.settings.digest ?? settings.digest, ...exchanged])];
}

/** The servers as the stored state has them; of their maps what `after` may have otherwise, where that is known to be little. */
function evidenceBefore(
  { inventory, state: ledger }: Stored,
  after: RenderInput,
  templates: readonly Template[],
): { readonly before?: Before } {
  if (inventory === undefined) return {};
  const servers = inventory.servers.map(({ name }) => name);
  const base = baseOf(inventory);
  const evidence = (input: RenderInput): Before => {
    const rendered = plan(input, templates, servers);
    return { inventory, ledger, plan: rendered, base, rendered: asPlanned(rendered) };
  };
  const whole = () => evidence({ inventory, ledger });
  const only = touchedLines({ inventory, ledger }, after);
  return {
    before: only === undefined ? whole() : { ...evidence({ inventory, ledger, only }), touched: { only, whole } },
  };
}

/** What a folder holds; nothing when there is none. */
function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/**
 * The hosts whose files can come out differently after a step: the servers, for their maps, and the clients that the step is
 * about. Undefined means all: where settings, servers or an authority change, and where the files of the last run are not
 * all there. What somebody changed in the folder of another host is not looked at; `render --check` compares everything.
 */
function concernedHosts(
  { inventory: before, isSettled }: Stored,
  { inventory, events }: { readonly inventory: Inventory; readonly events: readonly LedgerEvent[] },
  ledger: LedgerState,
): readonly string[] | undefined {
  if (before === undefined || isGeneral(before, inventory) || !isSettled()) return undefined;
  const hosts = new Set([...inventory.servers.map(({ name }) => name), ...exchanged(before, inventory)]);
  for (const event of events) {
    if (event.event === 'digest' || event.event === 'listed' || event.event === 'kept') return undefined;
    // A publication changes what the database has, and no file.
    if (event.event === 'published' || event.event === 'table') continue;
    // Whoever has its files now is no other in what they say.
    const isSaid = event.event === 'installed';
    if (!isSaid && !ledger.of(event.holder, 'client').some(({ serial }) => serial === event.serial)) return undefined;
    hosts.add(event.holder);
  }
  return [...hosts].sort();
}

/** Whether something changes that every host's files may say. */
function isGeneral(before: Inventory, after: Inventory): boolean {
  const general = ({ authority, settings, servers }: Inventory) => JSON.stringify([authority, settings, servers]);
  return general(before) !== general(after);
}

/** Clients that come and clients that go. */
function exchanged(before: Inventory, after: Inventory): readonly string[] {
  const names = (clients: Inventory['clients']) => new Set(clients.map(({ name }) => name));
  const [old, present] = [names(before.clients), names(after.clients)];
  return [...[...old].filter((name) => !present.has(name)), ...[...present].filter((name) => !old.has(name))];
}
