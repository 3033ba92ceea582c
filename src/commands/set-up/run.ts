import { resolve } from 'node:path';
import type { Answers } from '../../inventory/answers.ts';
import { loadState, type Stored } from '../../inventory/store.ts';
import { CertrelayError, exitCodes } from '../../lib/problem.ts';
import { noteText } from '../../report/problem.ts';
import { type SetUpReport, setUpDocument, setUpText } from '../../report/set-up.ts';
import type { WizardResult } from '../../wizard/context.ts';
import type { Io, Options } from '../command.ts';
import { withLock } from '../lock.ts';
import { outOf } from '../state.ts';
import { circumstances } from './answer-sources.ts';
import { ask, mayAsk } from './interactive.ts';
import { make } from './make.ts';
import { passphraseFor } from './passphrase.ts';

/** certrelay init, from flags and answers to the exit code. */
export async function runInit(flags: Options, io: Io): Promise<number> {
  const out = outOf(flags);
  const root = resolve(io.cwd, out);
  const given = await circumstances(flags, io);
  const before = loadState(root);
  const asked = mayAsk(flags, io) ? await ask(flags, before, given, io) : undefined;
  const options = asked?.options ?? flags;
  // Judged before the lock is taken, for bad input must not even make the folder; and again after, for what is
  // stored may have changed while somebody was answering questions.
  complete(given.answer(options, before));

  const dryRun = flags.dryRun === true;
  const work = async () => {
    const stored = dryRun ? before : loadState(root);
    const { inventory, notes, passphraseFile } = complete(given.answer(options, stored));
    const report = await make(
      {
        ...{ stored, out, inventory, notes, dryRun, quiet: flags.quiet === true },
        passphrase: () => passphraseFor(root, asked, passphraseFile, io),
      },
      io,
    );
    return tell({ ...report, ...(asked === undefined ? {} : await again(asked, before, flags)) }, flags, io);
  };
  return dryRun ? work() : withLock('certrelay init', flags, io, work);
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
  return {
    command: equivalentCommand(
      { ...options, ...out },
      { passphraseTyped: passphrase !== undefined, existing: inventory !== undefined },
    ),
  };
}

function tell(report: SetUpReport, flags: Options, io: Io): number {
  const quiet = flags.quiet === true;
  if (!quiet) for (const note of report.notes) io.stderr.write(noteText(note));
  if (flags.json === true) io.stdout.write(`${JSON.stringify(setUpDocument(report), undefined, 2)}\n`);
  else if (!quiet || report.proof === 'broken') io.stdout.write(setUpText(report));
  return exitCodes[({ met: 'done', broken: 'denied', unknown: 'unknown' } as const)[report.proof]][0];
}
