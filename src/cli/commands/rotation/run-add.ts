import { join, resolve } from 'node:path';
import type { FileOperations } from '../../../lib/files/operations.ts';
import { readBytes, readTextIfAny } from '../../../lib/files/read.ts';
import { type Problem, usage } from '../../../lib/problem.ts';
import { listFromElsewhere } from '../../../provision/issue/from-elsewhere.ts';
import { type IssueContext, issueMissing } from '../../../provision/issue/issue-missing.ts';
import { issueForRequest } from '../../../provision/issue/request.ts';
import { checkClock } from '../../../provision/rotation/clock-check.ts';
import { durationSeconds } from '../../../provision/rotation/duration.ts';
import { checkPlace } from '../../../provision/rotation/followed-places.ts';
import { type NewMembers, newMembers } from '../../../provision/rotation/new-members.ts';
import { nextLines } from '../../../provision/rotation/next-lines.ts';
import type { Inventory, LedgerEvent } from '../../../provision/settings/types.ts';
import { settle } from '../../../provision/state/settle.ts';
import type { Io, Options } from '../../command.ts';
import { withLock } from '../../lock.ts';
import { passphraseFor } from '../../passphrase.ts';
import { progressLine } from '../../progress.ts';
import { existingState, outOf } from '../../state.ts';
import { issuedMembers, settledParts, tellMembers } from './tell-members.ts';

type State = ReturnType<typeof existingState>;

/** certrelay add, from arguments to the exit code. */
export async function runAdd(
  args: readonly string[],
  options: Options,
  io: Io,
  files?: FileOperations,
): Promise<number> {
  checkOptions(args, options);
  // Judged before the lock is taken, for bad input must not even wait for it.
  const before = existingState(options, io, undefined, files);
  wantedNow(args, options, before, io);
  const work = async (): Promise<number> => {
    const stored = existingState(options, io, before);
    checkClock(stored, io.now());
    return addTo(stored, args, options, io);
  };
  return options.dryRun === true ? work() : withLock('certrelay add', options, io, work);
}

const roleOf = (options: Options): 'server' | 'client' => (options.role === 'server' ? 'server' : 'client');

function checkOptions(args: readonly string[], options: Options): void {
  const { csr, cert, clientsFile, overlap, follow } = options;
  if (args.length === 0 && clientsFile === undefined) {
    throw usage('add-nobody', 'no host was named', 'certrelay add NAME…, or --clients-file FILE');
  }
  if (csr !== undefined && cert !== undefined) {
    throw usage(
      'add-both',
      '--csr and --cert exclude each other',
      'a request leads to a certificate; do not give both',
    );
  }
  if ((csr !== undefined || cert !== undefined) && (args.length !== 1 || clientsFile !== undefined)) {
    throw usage('add-one', '--csr and --cert are about one host', 'name exactly one');
  }
  if (clientsFile !== undefined && options.role === 'server') {
    throw usage('add-role', '--clients-file names clients, and --role says server', 'leave one of them out');
  }
  if (overlap !== undefined && durationSeconds(String(overlap)) === undefined) {
    throw usage('overlap-invalid', `--overlap: "${overlap}" is no duration`, 'for example 14d or 12h');
  }
  if (follow === true && cert === undefined) {
    throw usage('follow-alone', '--follow is about a place with certificates', 'give it with --cert FILE or FOLDER');
  }
  if (follow === true && options.role === 'server') {
    throw usage('follow-server', 'no list names the certificates of servers', 'leave --follow out');
  }
  if (overlap !== undefined && csr === undefined && follow !== true) {
    throw usage(
      'overlap-alone',
      '--overlap is about a renewal and needs --csr or --follow',
      'leave it out, or give one of them',
    );
  }
}

function wantedNow(args: readonly string[], options: Options, stored: State, io: Io): NewMembers {
  const file = typeof options.clientsFile === 'string' ? options.clientsFile : undefined;
  return newMembers(args, file, roleOf(options), stored.inventory, io.cwd);
}

async function addTo(stored: State, args: readonly string[], options: Options, io: Io): Promise<number> {
  const { inventory, names, notes } = wantedNow(args, options, stored, io);
  const now = io.now();
  const progress = progressLine('issuing certificates:', io, options.quiet === true);
  const file = typeof options.passphraseFile === 'string' ? options.passphraseFile : undefined;
  const context: IssueContext = {
    ...{ now, random: io.random, progress: progress.step },
    passphrase: () => passphraseFor(stored.root, undefined, file, io),
    read: (path) => readTextIfAny(join(stored.root, path)),
  };
  const given = await certificatesGiven(names, inventory, stored, options, context, io.cwd);
  const ledger = stored.state.after(given.events);
  const issued = await issueMissing(inventory, ledger, context);
  const events = [...given.events, ...issued.events];
  const dryRun = options.dryRun === true;
  const settled = await settle(stored, { inventory, events, keys: issued.keys }, { dryRun, gate: true, progress });
  progress.end();
  const out = outOf(options);
  return tellMembers(
    {
      ...{ command: 'add', out, dryRun, digest: inventory.settings.digest, ...settledParts(settled) },
      certificates: issuedMembers(events, inventory),
      next: nextLines(names, events, stored, inventory, out),
      notes: [...stored.notes, ...notes, ...given.notes, ...issued.notes, ...settled.notices],
    },
    options,
    io,
  );
}

/** What comes from --csr or --cert. */
async function certificatesGiven(
  names: readonly string[],
  inventory: Inventory,
  stored: State,
  options: Options,
  context: IssueContext,
  cwd: string,
): Promise<{ readonly events: readonly LedgerEvent[]; readonly notes: readonly Problem[] }> {
  const [name] = names;
  const role = roleOf(options);
  if (name === undefined) return { events: [], notes: [] };
  const overlap = typeof options.overlap === 'string' ? durationSeconds(options.overlap) : undefined;
  if (typeof options.csr === 'string') {
    const bytes = readBytes(resolve(cwd, options.csr));
    return issueForRequest({ name, role, file: options.csr, bytes, overlap }, inventory, stored.state, context);
  }
  if (!Array.isArray(options.cert)) return { events: [], notes: [] };
  if (role === 'server' && inventory.settings.serverCert === 'internal') {
    throw usage(
      'server-cert-internal',
      'the servers have certificates of this authority, so one from elsewhere would not be used',
      'servers that keep their own are set up with "certrelay init --server-cert keep"',
    );
  }
  const follow = options.follow === true;
  const paths = options.cert as readonly string[];
  if (follow) for (const path of paths) checkPlace(resolve(cwd, path));
  const place = { name, role, follow, ...(overlap === undefined ? {} : { overlap }) };
  return listFromElsewhere(paths, place, stored.state, { now: context.now, cwd });
}
