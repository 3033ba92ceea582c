import { CertrelayError, type ExitName } from '../../lib/problem.ts';
import { beforeEnd, holdSignals, Interrupted } from '../../lib/signals.ts';
import type { StepHandler, Work } from './handlers/handler.ts';
import { StepFailure } from './handlers/handler.ts';
import type { Step, StepKind } from './steps.ts';

/** How the kinds of steps of one run are done. */
export type StepHandlers<Shared extends Work> = { readonly [Kind in StepKind]?: StepHandler<Kind, Shared> };

export interface Performance<Shared extends Work> {
  readonly handlers: StepHandlers<Shared>;
  readonly work: Shared;
  /** Says what a program complained about, and what became of a run that a signal ended. */
  tell(text: string): void;
  /** Called after each step, and once before the first; what it throws is a failure of that step. */
  after?(step: Step | undefined): void;
}

/**
 * Performs steps in their order. When one fails, or the process is told to end, all that were begun are taken back, the
 * last first. Programs run to their end before a signal is looked at, so that nothing is taken back under their hands;
 * further signals do not end the roll-back.
 * @throws CertrelayError with what failed, and whether everything was put back.
 */
export async function perform<Shared extends Work>(
  steps: readonly Step[],
  { handlers, work, tell, after }: Performance<Shared>,
): Promise<void> {
  const begun: Step[] = [];
  const held = holdSignals();
  const forget = beforeEnd(() => {
    const left = takeBack(begun, handlers, work);
    tell(`certrelay: interrupted: ${outcome(left, work)}\n`);
  });
  let current: Step | undefined;
  try {
    after?.(undefined);
    for (current of steps) {
      begun.push(current);
      await held.check();
      await performOne(current, handlers, work);
      after?.(current);
      await held.check();
    }
    forget();
  } catch (error) {
    // The roll-back is what `release` does before it ends the process.
    if (error instanceof Interrupted) await held.release();
    forget();
    const left = takeBack(begun, handlers, work);
    if (error instanceof StepFailure && error.details !== '') tell(`${error.details}\n`);
    const failure = failed(current?.doc ?? 'nothing was begun', error, outcome(left, work));
    await held.release();
    throw failure;
  }
  try {
    work.snapshot.discard();
  } finally {
    await held.release();
  }
}

async function performOne<Shared extends Work>(
  step: Step,
  handlers: StepHandlers<Shared>,
  work: Shared,
): Promise<void> {
  const handler = handlers[step.kind] as StepHandler<StepKind, Shared> | undefined;
  if (handler === undefined) throw new Error(`no handler for a step of the kind "${step.kind}"`);
  await handler.perform(step, work);
}

/** Answers what could not be put back. */
function takeBack<Shared extends Work>(
  begun: readonly Step[],
  handlers: StepHandlers<Shared>,
  work: Shared,
): readonly string[] {
  const left = begun.toReversed().flatMap((step) => {
    const handler = handlers[step.kind] as StepHandler<StepKind, Shared> | undefined;
    try {
      return handler?.undo?.(step, work) ?? [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
  if (!work.runs || !begun.some(({ kind }) => handlers[kind]?.isSeen === true)) return left;
  // It ran before; when it did not survive what was new, such as a port that it cannot have, it is started.
  const isBack = (['reload', 'start'] as const).some((command) => work.programs.postfix(command).status === 0);
  return isBack ? left : [...left, 'a running Postfix (it could not be reloaded; see its log)'];
}

function outcome(left: readonly string[], { backup }: Work): string {
  if (left.length === 0) return 'everything was put back as it was before';
  return `not everything could be put back: ${left.join(', ')}${backup === '' ? '' : `; the backup is ${backup}`}`;
}

function failed(doc: string, error: unknown, what: string): CertrelayError {
  const exit: ExitName = error instanceof StepFailure ? error.exit : 'failure';
  const reason = error instanceof Error ? error.message : String(error);
  return new CertrelayError(exit, { code: 'apply-failed', message: `failed: ${doc}: ${reason}; ${what}` });
}
