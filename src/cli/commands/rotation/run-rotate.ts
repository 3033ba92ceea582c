import { runHook } from '../../../hosts/programs/hook.ts';
import { type Push, pushTo } from '../../../hosts/publish/push.ts';
import type { FileOperations } from '../../../lib/files/operations.ts';
import { CertrelayError, exitCodes } from '../../../lib/problem.ts';
import type { TimeLimit } from '../../../lib/time-limit.ts';
import type { Delivery } from '../../../provision/rotation/advance.ts';
import { advance } from '../../../provision/rotation/advance.ts';
import { hostsBehind } from '../../../provision/rotation/behind.ts';
import { checkClock } from '../../../provision/rotation/clock-check.ts';
import { followedNews } from '../../../provision/rotation/followed-places.ts';
import { planRotation } from '../../../provision/rotation/plan.ts';
import { rotationRemarks } from '../../../provision/rotation/remarks.ts';
import type { RotateRequest } from '../../../provision/rotation/rotate-request.ts';
import type { RotationReport } from '../../../provision/rotation/rotation-report.ts';
import { inUseEvents, readSeen } from '../../../provision/rotation/seen-in-use.ts';
import {
  awaitedHosts,
  concerned,
  leavesToIssue,
  performable,
  restingLeaves,
} from '../../../provision/rotation/selection.ts';
import { noteText } from '../../../report/problem.ts';
import { rotationDocument, rotationText } from '../../../report/rotation.ts';
import type { Io, Options } from '../../command.ts';
import { confirmed } from '../../confirm.ts';
import { withLock } from '../../lock.ts';
import { inputLines } from '../../option-values.ts';
import { passphraseFor } from '../../passphrase.ts';
import { progressLine } from '../../progress.ts';
import { existingState, outOf } from '../../state.ts';
import { readRotateRequest } from './rotate-options.ts';

type State = ReturnType<typeof existingState>;

/** certrelay rotate, from arguments to the exit code. */
export async function runRotate(
  args: readonly string[],
  options: Options,
  io: Io,
  files?: FileOperations,
): Promise<number> {
  // Judged before the lock is taken, for bad input must not even wait for it.
  const before = existingState(options, io, undefined, files);
  const asked = readRotateRequest(args, options, before.inventory);
  // Standard input is read once, and a log may be long: nobody waits for the lock of a run that reads.
  const wish = {
    ...asked,
    seen: await readSeen(asked.inUseLogs, before.state, {
      cwd: io.cwd,
      standardInput: () => inputLines(io.stdin),
    }),
  };
  const isLarge = wish.selection.all || wish.selection.authority || wish.digest !== undefined;
  if (isLarge && !wish.dryRun) await confirmed('rotate all of this now?', options, io);
  const work = async (): Promise<number> => {
    const stored = existingState(options, io, before);
    checkClock(stored, io.now());
    return rotate(stored, wish, options, io);
  };
  return wish.dryRun ? work() : withLock('certrelay rotate', options, io, work);
}

async function rotate(stored: State, wish: RotateRequest, options: Options, io: Io): Promise<number> {
  const hasHooks = wish.beforeHook !== undefined || wish.afterHook !== undefined;
  const isNeeded = hasHooks && !wish.dryRun && mayChange(stored, wish, io.now());
  if (isNeeded && wish.beforeHook !== undefined) await before(wish.beforeHook, wish.hookLimit);
  let outcome = 'failed';
  try {
    const report = await advance(
      {
        ...{ stored, wish, out: outOf(options) },
        passphrase: () => passphraseFor(stored.root, undefined, wish.passphraseFile, io),
      },
      {
        now: io.now,
        random: io.random,
        progress: () => progressLine('issuing certificates:', io, options.quiet === true),
        delivery: deliveryBy(wish, io),
      },
    );
    outcome = report.proof !== 'met' ? 'refused' : report.failed.length > 0 ? 'failed' : 'done';
    return tell(
      { ...report, notes: [...stored.notes, ...rotationRemarks(stored, wish, report), ...report.notes] },
      options,
      io,
    );
  } finally {
    if (isNeeded && wish.afterHook !== undefined) await after(wish.afterHook, outcome, wish.hookLimit, io);
  }
}

/** How the deploy hook brings files to hosts; undefined without one. */
function deliveryBy({ deployHook, hookLimit }: RotateRequest, io: Io): Delivery | undefined {
  if (deployHook === undefined) return undefined;
  const push: Push = { hook: deployHook, limit: hookLimit, failed: new Map() };
  return {
    failed: push.failed,
    deliver: (hosts, root, remember) => pushTo(hosts, root, push, (text) => io.stderr.write(text), remember),
  };
}

/** Whether a run will do anything at all; hooks around nothing would be noise every night. */
function mayChange({ inventory, state }: State, wish: RotateRequest, now: Date): boolean {
  const { names, all, due, authority, digest } = wish.selection;
  const steps = concerned(planRotation(inventory, state, now), wish.selection);
  const begins = !due && (all || names !== undefined) && restingLeaves(inventory, state, now).length > 0;
  return (
    begins ||
    authority ||
    digest ||
    wish.deployed.length > 0 ||
    inUseEvents(wish.seen, state, now).length > 0 ||
    followedNews(inventory, state, wish.selection, now).events.length > 0 ||
    performable(steps).length > 0 ||
    (due && steps.some((step) => step.kind === 'issue' && !step.done && step.waitingFor.length === 0)) ||
    leavesToIssue(steps, wish.selection, inventory, state, []).length > 0 ||
    (wish.deployHook !== undefined && awaitedHosts(steps).length + hostsBehind(inventory, state).length > 0)
  );
}

async function before(command: string, limit: TimeLimit): Promise<void> {
  const ran = await runHook(command, [], { limit });
  if (ran.ok) return;
  throw new CertrelayError('failure', {
    code: 'before-hook',
    message: `the hook before the run failed: ${ran.reason}`,
    hint: 'nothing was done',
  });
}

async function after(command: string, outcome: string, limit: TimeLimit, io: Io): Promise<void> {
  const ran = await runHook(command, [], { limit, variables: { CERTRELAY_OUTCOME: outcome } });
  if (!ran.ok)
    io.stderr.write(noteText({ code: 'after-hook', message: `the hook after the run failed: ${ran.reason}` }));
}

function tell(report: RotationReport, options: Options, io: Io): number {
  const quiet = options.quiet === true;
  if (!quiet) for (const note of report.notes) io.stderr.write(noteText(note));
  if (options.json === true) io.stdout.write(`${JSON.stringify(rotationDocument(report), undefined, 2)}\n`);
  else if (!quiet || report.proof !== 'met') io.stdout.write(rotationText(report));
  if (report.proof === 'broken') return exitCodes.denied[0];
  if (report.failed.length > 0) return exitCodes.failure[0];
  return exitCodes[report.proof === 'unknown' ? 'unknown' : 'done'][0];
}
