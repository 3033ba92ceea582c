import { resolve } from 'node:path';
import { CertrelayError, exitCodes } from '../../../lib/problem.ts';
import type { TakeOver } from '../../../provision/import/take-over.ts';
import { missingCertificates } from '../../../provision/issue/issue-missing.ts';
import type { Answers } from '../../../provision/settings/answers.ts';
import { loadState, type Stored } from '../../../provision/state/store.ts';
import { noteText } from '../../../report/problem.ts';
import { type SetUpReport, setUpDocument, setUpText } from '../../../report/set-up.ts';
import type { Io, Options } from '../../command.ts';
import { withLock } from '../../lock.ts';
import { passphraseFor, refuseIdlePassphrase } from '../../passphrase.ts';
import { outOf } from '../../state.ts';
import type { WizardResult } from '../../wizard/context.ts';
import { type InitContext, readInitContext } from './answer-sources.ts';
import { ask, mayAsk } from './interactive.ts';
import { make } from './make.ts';

/** certrelay init, from flags and answers to the exit code. */
export async function runInit(flags: Options, io: Io): Promise<number> {
  const out = outOf(flags);
  const root = resolve(io.cwd, out);
  const given = await readInitContext(flags, io);
  const before = loadState(root);
  const taking = await importOf(flags, before, given, io);
  const asked = mayAsk(flags, io) ? await ask(flags, taking?.preview ?? before, given, io) : undefined;
  const options = asked?.options ?? flags;
  // Judged before the lock is taken, for bad input must not even make the folder; and again after, for what is
  // stored may have changed while somebody was answering questions.
  const { answers: wanted } = settled(options, before, given, taking?.takeOver);
  refuseIdlePassphrase(root, wanted.passphraseFile);

  const attempt = async (stored: Stored, dryRun: boolean) => {
    const { answers, taken } = settled(options, stored, given, taking?.takeOver);
    const { inventory, notes, passphraseFile } = answers;
    return make(
      {
        ...{ stored, out, inventory, dryRun, quiet: flags.quiet === true },
        // Who was asked has read them before saying yes.
        notes: [...(taken?.notes ?? []), ...(asked === undefined ? notes : [])],
        ...(taken === undefined ? {} : { taken }),
        passphrase: () => passphraseFor(root, asked, passphraseFile, io),
      },
      io,
    );
  };
  const end = async (report: SetUpReport) =>
    tell({ ...report, ...(asked === undefined ? {} : await again(asked, before, flags)) }, flags, io);

  const dryRun = flags.dryRun === true;
  // A run that finds nothing to do leaves no trace, not even that of a lock.
  const isKnown = before.inventory !== undefined && missingCertificates(wanted.inventory, before.state).length === 0;
  const rehearsal = dryRun || isKnown ? await attempt(before, true) : undefined;
  if (rehearsal !== undefined && (dryRun || isIdle(rehearsal))) return end({ ...rehearsal, dryRun });
  return withLock('certrelay init', flags, io, async () => end(await attempt(loadState(root), false)));
}

function isIdle({ proof, created, updated }: SetUpReport): boolean {
  return proof === 'met' && created.length + updated.length === 0;
}

/** What `--import` names, read once; and the state as it would be, for the wizard to ask no more than is left open. */
async function importOf(flags: Options, before: Stored, given: InitContext, io: Io) {
  if (!Array.isArray(flags.import)) return undefined;
  const { takeOver } = await import('../../../provision/import/take-over.ts');
  const passphrase = () => passphraseFor(before.root, undefined, given.passphraseFile(flags), io);
  const found = await takeOver(flags.import.map(String), before, passphrase, io);
  return { takeOver: found, preview: found.on(before, { servers: [], clients: [] }).stored };
}

/** The answers, over the state with what is taken over when there is such a thing. */
function settled(options: Options, stored: Stored, given: InitContext, takeOver: TakeOver | undefined) {
  if (takeOver === undefined) return { answers: complete(given.answer(options, stored)), taken: undefined };
  const named = complete(given.answer(options, stored, true)).inventory;
  const taken = takeOver.on(stored, named);
  const isOpen = options.digest === undefined && !given.configured.includes('digest') && stored.inventory === undefined;
  const digest = isOpen && takeOver.digest !== undefined ? { digest: takeOver.digest } : {};
  const present = new Set(named.clients.map(({ name }) => name));
  const found = [...new Set(taken.plan.clients)].filter((name) => !present.has(name));
  const flagged = Array.isArray(options.client) ? options.client.map(String) : [];
  const more = { ...digest, ...(found.length === 0 ? {} : { client: [...flagged, ...found] }) };
  const answers = complete(given.answer({ ...options, ...more }, taken.stored));
  taken.check(answers.inventory);
  return { answers, taken };
}

function complete(answers: Answers): Extract<Answers, { kind: 'complete' }> {
  if (answers.kind === 'complete') return answers;
  throw new CertrelayError('usage', ...answers.problems);
}

/** The command line that does the same without questions; it belongs to the end of a conversation. */
async function again(
  { options, passphrase }: WizardResult,
  { inventory }: Stored,
  flags: Options,
): Promise<{ command: string }> {
  const { equivalentCommand } = await import('../../wizard/equivalent-command.ts');
  const out = flags.out === undefined ? {} : { out: flags.out };
  const source = flags.import === undefined ? {} : { import: flags.import };
  return {
    command: equivalentCommand(
      { ...options, ...out, ...source },
      { passphraseTyped: passphrase !== undefined, existing: inventory !== undefined },
    ),
  };
}

function tell(report: SetUpReport, flags: Options, io: Io): number {
  const quiet = flags.quiet === true;
  if (!quiet) for (const note of report.notes) io.stderr.write(noteText(note));
  if (flags.json === true) io.stdout.write(`${JSON.stringify(setUpDocument(report), undefined, 2)}\n`);
  else if (!quiet || report.proof !== 'met') io.stdout.write(setUpText(report));
  return exitCodes[({ met: 'done', broken: 'denied', unknown: 'unknown' } as const)[report.proof]][0];
}
