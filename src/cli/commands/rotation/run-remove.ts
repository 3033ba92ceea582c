import { join } from 'node:path';
import { usualHookLimit } from '../../../hosts/programs/hook.ts';
import { pushTo } from '../../../hosts/publish/push.ts';
import type { FileOperations } from '../../../lib/files/operations.ts';
import { readTextIfAny } from '../../../lib/files/read.ts';
import { CertrelayError, type Problem, usage } from '../../../lib/problem.ts';
import { openKnownAuthority } from '../../../provision/issue/issue-missing.ts';
import { currentAuthority, type LedgerState } from '../../../provision/ledger/ledger-state.ts';
import type { ListedLine } from '../../../provision/ledger/listed-lines.ts';
import { issueRevocationList } from '../../../provision/pki/crl.ts';
import { hostsBehind } from '../../../provision/rotation/behind.ts';
import { checkClock } from '../../../provision/rotation/clock-check.ts';
import { type LeaveRequest, leave } from '../../../provision/rotation/leaving.ts';
import { publishLine } from '../../../provision/rotation/next-lines.ts';
import { isPublished } from '../../../provision/rotation/publication.ts';
import { resumedSessions } from '../../../provision/rotation/resumed-sessions.ts';
import type { Inventory, LedgerEvent } from '../../../provision/settings/types.ts';
import { settle } from '../../../provision/state/settle.ts';
import { loadState } from '../../../provision/state/store.ts';
import type { Io, Options } from '../../command.ts';
import { confirmed } from '../../confirm.ts';
import { withLock } from '../../lock.ts';
import { listOption } from '../../option-values.ts';
import { writeOutput } from '../../output-files.ts';
import { passphraseFor } from '../../passphrase.ts';
import { existingState, outOf } from '../../state.ts';
import { readTimeLimit } from '../../time-limit.ts';
import { revokedMember, settledParts, tellMembers } from './tell-members.ts';

type State = ReturnType<typeof existingState>;

/** certrelay remove, from arguments to the exit code. */
export async function runRemove(
  args: readonly string[],
  options: Options,
  io: Io,
  files?: FileOperations,
): Promise<number> {
  const before = existingState(options, io, undefined, files);
  const { leaving, certificates, lines } = leave(args, leaveRequest(options), before);
  const going = leaving.length + certificates.length + lines.length;
  if (going === 0 && options.crl === undefined && before.isSettled()) {
    io.stdout.write(`nothing changed: ${args.join(', ')} left ${outOf(options)} before\n`);
    return 0;
  }
  if (going > 0 && options.dryRun !== true) await mayRevoke(args, options, io);
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
  const { inventory, certificates, lines } = leave(args, leaveRequest(options), stored);
  const at = io.now().toISOString();
  const revoked = [...certificates, ...lines.map(({ holder, fingerprint }) => ({ holder, serial: fingerprint }))];
  const events = revoked.map(({ holder, serial }): LedgerEvent => ({ at, event: 'revoked', holder, serial }));
  const dryRun = options.dryRun === true;
  // Read now, for settling writes these files anew.
  const resumed =
    revoked.length === 0 ? [] : resumedSessions(inventory, (path) => readTextIfAny(join(stored.root, path)));
  const settled = await settle(stored, { inventory, events, keys: [] }, { dryRun, gate: true });
  const out = outOf(options);
  const next: string[] = [];
  if (settled.written) {
    if (typeof options.crl === 'string')
      await writeRevocationList(options.crl, settled.ledger, stored.root, options, io);
    // Clients name the servers they relay through, so all of them have new files when a server leaves.
    const isServerGone = inventory.servers.length < stored.inventory.servers.length;
    await pushFiles(inventory, isServerGone, stored.root, options, io);
    next.push(...nextLines(inventory, isServerGone, options, out));
  }
  return tellMembers(
    {
      ...{ command: 'remove', out, dryRun, digest: inventory.settings.digest, ...settledParts(settled) },
      certificates: certificates.map((one) => revokedMember(one, inventory)),
      ...{ next, notes: [...stored.notes, ...settled.notices, ...lines.map(lineNote), ...resumed] },
    },
    options,
    io,
  );
}

/** A line of an earlier map is no certificate, so the table has no row for it. */
function lineNote({ holder, fingerprint }: ListedLine): Problem {
  return {
    code: 'line-revoked',
    message: `${JSON.stringify(holder)}: the line ${fingerprint} of an earlier map goes too`,
  };
}

function nextLines(
  { servers, clients, settings }: Inventory,
  isServerGone: boolean,
  options: Options,
  out: string,
): readonly string[] {
  const table = isPublished({ settings }) ? [`${publishLine(out)} (until then the servers let it relay)`] : [];
  if (options.deployHook !== undefined) return table;
  const copy = (hosts: Inventory['servers'], what: string) => {
    const names = hosts.map(({ name }) => name);
    const who = names.length > 3 ? `${names.length} ${what}` : names.join(', ');
    return `copy ${out}/hosts/${names.length === 1 ? names[0] : 'NAME'}/ to ${who} and run there, as root: sh install.sh`;
  };
  if (isServerGone) {
    return [
      `${copy(clients, 'clients')} (until then they relay through the server that left)`,
      copy(servers, 'servers'),
    ];
  }
  if (table.length > 0) return table;
  return [`${copy(servers, 'servers')} (until then they let it relay)`];
}

/** Brings the new files to the hosts at once, where a hook says how; what fails is an error, for then it may still relay. */
async function pushFiles(
  inventory: Inventory,
  isServerGone: boolean,
  root: string,
  options: Options,
  io: Io,
): Promise<void> {
  if (typeof options.deployHook !== 'string') return;
  const failed = new Map<string, string>();
  const stored = loadState(root);
  const changed = isServerGone ? [...inventory.clients, ...inventory.servers] : inventory.servers;
  const hosts = [...new Set([...changed.map(({ name }) => name), ...hostsBehind(inventory, stored.state)])];
  const remember = async (reached: readonly string[]) => {
    const at = io.now().toISOString();
    const events = reached.map((holder): LedgerEvent => ({ at, event: 'installed', holder }));
    if (events.length > 0) await settle(stored, { inventory, events, keys: [] });
  };
  const push = {
    hook: options.deployHook,
    limit: readTimeLimit('--hook-timeout', options.hookTimeout, usualHookLimit),
    failed,
  };
  await remember(await pushTo(hosts, root, push, (text) => io.stderr.write(text), remember));
  if (failed.size > 0) {
    throw new CertrelayError(
      'failure',
      ...[...failed].map(([host, reason]) => ({
        code: 'deploy-hook',
        message: `revoked, but the hook failed for "${host}" (${reason}): there nothing has changed yet`,
        hint: `copy hosts/${host}/ there and run install.sh, then "certrelay rotate --deployed ${host}"`,
      })),
    );
  }
}

function leaveRequest(options: Options): LeaveRequest {
  return { serials: listOption(options.serial) ?? [], isForList: options.crl !== undefined };
}

/** Writes the revocation list of the present authority to a file of the operator's. Postfix reads none. */
async function writeRevocationList(
  file: string,
  ledger: LedgerState,
  root: string,
  options: Options,
  io: Io,
): Promise<void> {
  const known = currentAuthority(ledger);
  if (known === undefined)
    throw usage(
      'authority-missing',
      'there is no authority whose list could be written',
      'make one with "certrelay init"',
    );
  const passphraseFile = typeof options.passphraseFile === 'string' ? options.passphraseFile : undefined;
  const now = io.now();
  const authority = await openKnownAuthority(known, {
    now,
    read: (path) => readTextIfAny(join(root, path)),
    passphrase: () => passphraseFor(root, undefined, passphraseFile, io),
  });
  const { pem } = await issueRevocationList(authority, ledger, now);
  await writeOutput(file, 'revocation-list', pem, options, io);
}
