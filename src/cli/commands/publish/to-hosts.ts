import { setTimeout as sleep } from 'node:timers/promises';
import { usualHookLimit } from '../../../hosts/programs/hook.ts';
import { pushTo } from '../../../hosts/publish/push.ts';
import { exitCodes, usage } from '../../../lib/problem.ts';
import type { TimeLimit } from '../../../lib/time-limit.ts';
import type { LedgerState } from '../../../provision/ledger/ledger-state.ts';
import { hostsBehind } from '../../../provision/rotation/behind.ts';
import { planRotation } from '../../../provision/rotation/plan.ts';
import { awaitedHosts, performable } from '../../../provision/rotation/selection.ts';
import { knownHosts } from '../../../provision/settings/known-hosts.ts';
import type { Inventory } from '../../../provision/settings/types.ts';
import { settle } from '../../../provision/state/settle.ts';
import type { Stored } from '../../../provision/state/store.ts';
import { type PushedHost, type PushReport, pushDocument, pushText } from '../../../report/push.ts';
import { refusalText } from '../../../report/verification.ts';
import type { Io, Options } from '../../command.ts';
import { withLock } from '../../lock.ts';
import { existingState, outOf } from '../../state.ts';
import { readTimeLimit } from '../../time-limit.ts';

type State = Stored & { readonly inventory: Inventory };

/** Brings folders to hosts with a command of the operator's, and remembers where that succeeded. */
export async function publishToHosts(names: readonly string[], options: Options, io: Io): Promise<number> {
  const command = String(options.deployHook);
  const [retries, limit] = [readRetries(options), readTimeLimit('--hook-timeout', options.hookTimeout, usualHookLimit)];
  const stored = existingState(options, io);
  const asked = knownHosts(names, stored.inventory);
  if (options.check === true || options.dryRun === true) {
    const hosts = asked.length > 0 ? asked : lackingHosts(stored.inventory, stored.state, io.now());
    tell({ ...about(options), dryRun: true, pending: hosts, hosts: [], mayGoOn: false }, options, io);
    return exitCodes[hosts.length > 0 && options.check === true ? 'changes' : 'done'][0];
  }
  return withLock('certrelay publish', options, io, async () => {
    const state = existingState(options, io, stored);
    // What is pushed is what was proved, with all files that follow from it.
    const settled = await settle(
      state,
      { inventory: state.inventory, events: [], keys: [] },
      { whole: !state.isSettled() },
    );
    if (settled.proof !== 'met') {
      io.stdout.write(refusalText(settled.proof, settled.verifications));
      return exitCodes[settled.proof === 'broken' ? 'denied' : 'unknown'][0];
    }
    const hosts = asked.length > 0 ? asked : lackingHosts(state.inventory, settled.ledger, io.now());
    return push(hosts, { command, limit, retries, state: settled.stored }, options, io);
  });
}

/** Hosts that are not known to have their files: those that steps wait for, those behind, and servers that never said so. */
function lackingHosts(inventory: Inventory, ledger: LedgerState, now: Date): readonly string[] {
  const silent = inventory.servers.map(({ name }) => name).filter((name) => !ledger.installed.has(name));
  const awaited = awaitedHosts(planRotation(inventory, ledger, now));
  const all = new Set([...silent, ...awaited, ...hostsBehind(inventory, ledger)]);
  // Servers first: a client must not show what no server knows.
  const servers = inventory.servers.map(({ name }) => name).filter((name) => all.has(name));
  return [...new Set([...servers, ...all])];
}

interface Way {
  readonly command: string;
  readonly limit: TimeLimit;
  readonly retries: number;
  readonly state: State;
}

/** Each round tries those that have not succeeded; the wait between two rounds doubles. */
async function push(hosts: readonly string[], way: Way, options: Options, io: Io): Promise<number> {
  let { state } = way;
  const results = new Map<string, PushedHost>();
  let left = hosts;
  for (let round = 0; left.length > 0 && round <= way.retries; round++) {
    if (round > 0) await sleep(firstWait * 2 ** (round - 1));
    const known = state;
    const failed = new Map<string, string>();
    const remember = (reached: readonly string[]) => remembered(reached, known, io.now());
    const reached = await pushTo(
      left,
      state.root,
      { hook: way.command, limit: way.limit, failed },
      (text) => io.stderr.write(text),
      remember,
    );
    const attempts = round + 1;
    for (const host of reached) results.set(host, { host, ok: true, attempts });
    for (const [host, reason] of failed) results.set(host, { host, ok: false, attempts, reason });
    // Before the wait: whoever interrupts it must not lose what is known.
    state = await remember(reached);
    left = left.filter((host) => results.get(host)?.ok !== true);
  }
  const mayGoOn = performable(planRotation(state.inventory, state.state, io.now())).length > 0;
  tell({ ...about(options), dryRun: false, pending: [], hosts: [...results.values()], mayGoOn }, options, io);
  return exitCodes[left.length > 0 ? 'failure' : 'done'][0];
}

async function remembered(hosts: readonly string[], state: State, now: Date): Promise<State> {
  if (hosts.length === 0) return state;
  const events = hosts.map((holder) => ({ at: now.toISOString(), event: 'installed', holder }) as const);
  const settled = await settle(state, { inventory: state.inventory, events, keys: [] });
  return settled.stored;
}

const firstWait = 1000;
const mostRetries = 10;

function readRetries({ retries }: Options): number {
  if (retries === undefined) return 3;
  const count = /^[0-9]{1,2}$/.test(String(retries)) ? Number(retries) : Number.NaN;
  if (count <= mostRetries) return count;
  throw usage('retries', `--retries: "${retries}" is not a whole number from 0 to ${mostRetries}`);
}

function about(options: Options): Pick<PushReport, 'out'> {
  return { out: outOf(options) };
}

function tell(report: PushReport, options: Options, io: Io): void {
  if (options.json === true) io.stdout.write(`${JSON.stringify(pushDocument(report), undefined, 2)}\n`);
  else if (options.quiet !== true) io.stdout.write(pushText(report));
}
