import { runHook } from '../../host/hook.ts';
import { CertrelayError, exitCodes, type Problem } from '../../lib/problem.ts';
import { noteText } from '../../report/problem.ts';
import { type RotationReport, rotationDocument, rotationText } from '../../report/rotation.ts';
import { planRotation } from '../../rotation/plan.ts';
import { awaitedHosts, concerned, leavesToIssue, performable, restingLeaves } from '../../rotation/selection.ts';
import type { Io, Options } from '../command.ts';
import { withLock } from '../lock.ts';
import { passphraseFor } from '../set-up/passphrase.ts';
import { existingState, outOf } from '../state.ts';
import { advance } from './advance.ts';
import { checkClock } from './clock.ts';
import { confirmed } from './confirm.ts';
import { type RotateWish, readRotateWish } from './rotate-wish.ts';

type State = ReturnType<typeof existingState>;

/** certrelay rotate, from arguments to the exit code. */
export async function runRotate(args: readonly string[], options: Options, io: Io): Promise<number> {
  // Judged before the lock is taken, for bad input must not even wait for it.
  const before = existingState(options, io);
  const wish = readRotateWish(args, options, before.inventory);
  const isLarge = wish.selection.all || wish.selection.authority || wish.digest !== undefined;
  if (isLarge && !wish.dryRun) await confirmed('rotate all of this now?', options, io);
  const work = async (): Promise<number> => {
    const stored = existingState(options, io, before);
    checkClock(stored, io.now());
    return rotate(stored, wish, options, io);
  };
  return wish.dryRun ? work() : withLock('certrelay rotate', options, io, work);
}

async function rotate(stored: State, wish: RotateWish, options: Options, io: Io): Promise<number> {
  const isNeeded = !wish.dryRun && mayChange(stored, wish, io.now());
  if (isNeeded && wish.beforeHook !== undefined) before(wish.beforeHook);
  let outcome = 'failed';
  try {
    const report = await advance(
      {
        ...{ stored, wish, out: outOf(options), quiet: options.quiet === true },
        passphrase: () => passphraseFor(stored.root, undefined, wish.passphraseFile, io),
      },
      io,
    );
    outcome = report.proof !== 'met' ? 'refused' : report.failed.length > 0 ? 'failed' : 'done';
    return tell(
      { ...report, notes: [...stored.notes, ...remarks(stored, wish, report), ...report.notes] },
      options,
      io,
    );
  } finally {
    if (isNeeded && wish.afterHook !== undefined) after(wish.afterHook, outcome, io);
  }
}

/** Whether a run will do anything at all; hooks around nothing would be noise every night. */
function mayChange({ inventory, state }: State, wish: RotateWish, now: Date): boolean {
  const { names, all, due, authority, digest } = wish.selection;
  const steps = concerned(planRotation(inventory, state, now), wish.selection);
  const begins = !due && (all || names !== undefined) && restingLeaves(inventory, state).length > 0;
  return (
    begins ||
    authority ||
    digest ||
    wish.deployed.length > 0 ||
    performable(steps).length > 0 ||
    (due && steps.some((step) => step.kind === 'issue' && !step.done && step.waitingFor.length === 0)) ||
    leavesToIssue(steps, wish.selection, inventory, state, []).length > 0 ||
    (wish.deployHook !== undefined && awaitedHosts(steps).length > 0)
  );
}

function before(command: string): void {
  const ran = runHook(command, []);
  if (ran.ok) return;
  throw new CertrelayError('failure', {
    code: 'before-hook',
    message: `the hook before the run failed: ${ran.reason}`,
    hint: 'nothing was done',
  });
}

function after(command: string, outcome: string, io: Io): void {
  const ran = runHook(command, [], { CERTRELAY_OUTCOME: outcome });
  if (!ran.ok)
    io.stderr.write(noteText({ code: 'after-hook', message: `the hook after the run failed: ${ran.reason}` }));
}

/** What the choice of key means for those who pin certificates or keys. */
function remarks({ inventory, state }: State, wish: RotateWish, { performed }: RotationReport): readonly Problem[] {
  const { names } = wish.selection;
  const hasOwnKey = (holder: string) => state.of(holder).some(({ origin }) => origin === 'request');
  const isKeyAsked = performed.some(
    ({ kind, role, holder }) => kind === 'issue' && role !== 'authority' && !hasOwnKey(holder),
  );
  const notes: Problem[] = [];
  if (isKeyAsked && wish.reuseKey) {
    notes.push({
      code: 'key-stays',
      message:
        inventory.settings.pin === 'certificate'
          ? "the key stays: the certificate's fingerprint changes and the public key's does not, but the maps list certificates"
          : 'the key stays: the fingerprint of the certificate changes, and lines that list the public key stay as they are',
    });
  } else if (isKeyAsked) {
    notes.push({
      code: 'key-changes',
      message:
        'a new key: the fingerprints of certificate and public key both change; whoever pins one of them needs the new one first',
    });
  }
  for (const name of names ?? []) {
    const live = state.of(name).filter((one) => one.retired === undefined && one.revoked === undefined);
    if (live.length > 0 && live.every(({ origin }) => origin === 'elsewhere')) {
      notes.push({
        code: 'from-elsewhere',
        message: `the certificates of "${name}" come from elsewhere, so there is nothing to issue`,
        hint: `add its next one: "certrelay add ${name} --cert FILE"`,
      });
    }
    if (inventory.settings.serverCert === 'keep' && inventory.servers.some((one) => one.name === name)) {
      notes.push({
        code: 'keeps-certificate',
        message: `"${name}" keeps a certificate of its own, which is renewed where it comes from`,
      });
    }
    if (live.some(({ origin }) => origin === 'request')) {
      notes.push({
        code: 'key-on-host',
        message: `the key of "${name}" is on its host, so its next certificate is for the same key`,
        hint: `on the host, before install.sh: cat KEY ${name}.crt > ${name}.pem; for another key: "certrelay add ${name} --csr FILE"`,
      });
    }
  }
  return notes;
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
