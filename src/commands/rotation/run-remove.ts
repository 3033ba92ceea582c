import { loadState } from '../../inventory/store.ts';
import type { Inventory, LedgerEvent } from '../../inventory/types.ts';
import { CertrelayError, usage } from '../../lib/problem.ts';
import { hostsBehind } from '../../rotation/behind.ts';
import type { Io, Options } from '../command.ts';
import { withLock } from '../lock.ts';
import { settle } from '../set-up/settle.ts';
import { existingState, outOf } from '../state.ts';
import { checkClock } from './clock.ts';
import { confirmed } from './confirm.ts';
import { leave } from './leaving.ts';
import { pushTo } from './push.ts';
import { writeRevocationList } from './revocation-list.ts';
import { revokedMember, settledParts, tellMembers } from './tell-members.ts';

type State = ReturnType<typeof existingState>;

/** certrelay remove, from arguments to the exit code. */
export async function runRemove(args: readonly string[], options: Options, io: Io): Promise<number> {
  const before = existingState(options, io);
  const { leaving, certificates } = leave(args, options, before);
  if (leaving.length + certificates.length === 0 && options.crl === undefined && before.isSettled()) {
    io.stdout.write(`nothing changed: ${args.join(', ')} left ${outOf(options)} before\n`);
    return 0;
  }
  if (leaving.length + certificates.length > 0 && options.dryRun !== true) await mayRevoke(args, options, io);
  const work = async (): Promise<number> => {
    const stored = existingState(options, io, before);
    checkClock(stored, io.now());
    return removeFrom(stored, args, options, io);
  };
  return options.dryRun === true ? work() : withLock('certrelay remove', options, io, work);
}

/** Revocation cannot be taken back: somebody says yes, at the terminal or on the command line. */
async function mayRevoke(args: readonly string[], options: Options, io: Io): Promise<void> {
  if (options.yes !== true && (options.json === true || !io.stdin.isTTY || !io.stderr.isTTY)) {
    throw usage(
      'remove-unconfirmed',
      'revocation cannot be taken back',
      'confirm it with --yes, or look first with --dry-run',
    );
  }
  await confirmed(`revoke ${args.join(', ')}?`, options, io);
}

async function removeFrom(stored: State, args: readonly string[], options: Options, io: Io): Promise<number> {
  const { inventory, certificates } = leave(args, options, stored);
  const at = io.now().toISOString();
  const events = certificates.map(({ holder, serial }): LedgerEvent => ({ at, event: 'revoked', holder, serial }));
  const dryRun = options.dryRun === true;
  const settled = await settle(stored, { inventory, events, keys: [] }, { dryRun, gate: true });
  const out = outOf(options);
  const next: string[] = [];
  if (settled.written) {
    if (typeof options.crl === 'string')
      await writeRevocationList(options.crl, settled.ledger, stored.root, options, io);
    const failed = await pushMaps(inventory, stored.root, options, io);
    next.push(...failed, ...nextLines(inventory, options, out));
  }
  return tellMembers(
    {
      ...{ command: 'remove', out, dryRun, digest: inventory.settings.digest, ...settledParts(settled) },
      certificates: certificates.map((one) => revokedMember(one, inventory)),
      ...{ next, notes: [...stored.notes, ...settled.notices] },
    },
    options,
    io,
  );
}

function nextLines({ servers }: Inventory, options: Options, out: string): readonly string[] {
  if (options.deployHook !== undefined) return [];
  const names = servers.map(({ name }) => name);
  const who = names.length > 3 ? `${names.length} servers` : names.join(', ');
  return [
    `copy ${out}/hosts/${names.length === 1 ? names[0] : 'NAME'}/ to ${who} and run there, as root: sh install.sh (until then they let it relay)`,
  ];
}

/** Brings the new maps to the servers at once, where a hook says how; what fails is an error, for then they still let it in. */
async function pushMaps(inventory: Inventory, root: string, options: Options, io: Io): Promise<readonly string[]> {
  if (typeof options.deployHook !== 'string') return [];
  const failed = new Map<string, string>();
  const stored = loadState(root);
  const hosts = [...new Set([...inventory.servers.map(({ name }) => name), ...hostsBehind(inventory, stored.state)])];
  const reached = pushTo(hosts, root, { hook: options.deployHook, failed });
  const at = io.now().toISOString();
  const events = reached.map((holder): LedgerEvent => ({ at, event: 'installed', holder }));
  if (events.length > 0) await settle(stored, { inventory, events, keys: [] });
  if (failed.size > 0) {
    throw new CertrelayError(
      'failure',
      ...[...failed].map(([host, reason]) => ({
        code: 'deploy-hook',
        message: `revoked, but the hook failed for "${host}" (${reason}), which still lets it relay`,
        hint: `copy hosts/${host}/ there and run install.sh, then "certrelay rotate --deployed ${host}"`,
      })),
    );
  }
  return [];
}
