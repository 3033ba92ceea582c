import { join } from 'node:path';
import { stateLayout } from '../../inventory/layout.ts';
import { saveState, stateChanges } from '../../inventory/store.ts';
import { type Change, pending, type Written } from '../../lib/files.ts';
import { readTextIfAny } from '../../lib/files-read.ts';
import { CertrelayError, exitCodes } from '../../lib/problem.ts';
import { unifiedDiff } from '../../render/diff.ts';
import { plan } from '../../render/plan.ts';
import { verificationText } from '../../report/verification.ts';
import { overall } from '../../verify/verify.ts';
import type { Io, Options } from '../command.ts';
import { withLock } from '../lock.ts';
import { existingState, outOf } from '../state.ts';
import { readTemplates } from '../templates.ts';
import { missingCertificates } from './issue-missing.ts';
import { stateFiles } from './state-files.ts';
import { asPlanned, baseOf, verifyPlan } from './verify-plan.ts';

/** certrelay render: everything that follows from inventory and ledger, by content. */
export async function runRender(options: Options, io: Io): Promise<number> {
  return options.check === true
    ? renderAll(options, io)
    : withLock('certrelay render', options, io, () => renderAll(options, io));
}

async function renderAll(options: Options, io: Io): Promise<number> {
  const stored = existingState(options, io);
  const { root, inventory, state } = stored;
  const [missing, ...more] = missingCertificates(inventory, state);
  if (missing !== undefined) {
    const others = more.length === 0 ? '' : ` and ${more.length} more`;
    throw new CertrelayError('usage', {
      code: 'certificate-missing',
      message: `"${missing.name}"${others} has no certificate yet`,
      hint: 'an interrupted run left it so; "certrelay init --yes" issues what is missing',
    });
  }
  const read = (path: string) => readTextIfAny(join(root, path));
  const rendered = plan({ inventory, ledger: state }, readTemplates());
  const verifications = verifyPlan({
    ...{ inventory, ledger: state, plan: rendered, base: baseOf(inventory) },
    rendered: asPlanned(rendered),
  });
  if (overall(verifications.flatMap(({ rows }) => rows)) === 'broken') {
    io.stdout.write(`refused, nothing written\n\n${verificationText(verifications)}`);
    return exitCodes.denied[0];
  }
  const outcome = { inventory, events: [], files: stateFiles(inventory, state, rendered, [], read) };
  const changes = stateChanges(stored, outcome);
  // Compared before they are written, for afterwards there is nothing to compare with.
  const diffs = options.diff === true ? diffsOf(changes, read) : [];
  const done = options.check === true ? pending(changes, stateLayout(root)) : await saveState(stored, outcome);
  tell(done, diffs, options, io);
  const changed = done.written.length + done.repaired.length > 0;
  return exitCodes[changed && options.check === true ? 'changes' : 'done'][0];
}

interface FileDiff {
  readonly path: string;
  readonly diff: string;
}

function diffsOf(changes: readonly Change[], read: (path: string) => string | undefined): readonly FileDiff[] {
  return changes.flatMap((change) => {
    if (change.kind !== 'replace') return [];
    const before = read(change.path);
    const after = typeof change.content === 'string' ? change.content : '';
    if (before === after) return [];
    const diff = change.secret
      ? `${change.path} (holds a private key, not shown)\n`
      : unifiedDiff(before === undefined ? '/dev/null' : change.path, change.path, before ?? '', after);
    return [{ path: change.path, diff }];
  });
}

function tell({ written, repaired, unchanged }: Written, diffs: readonly FileDiff[], options: Options, io: Io): void {
  const changed = written.length + repaired.length > 0;
  if (options.json === true) {
    const document = {
      schema: 'certrelay/render@1',
      ...{
        changed: changed && options.check !== true,
        pending: changed && options.check === true,
        written,
        repaired,
        unchanged: unchanged.length,
      },
      ...(options.diff === true ? { diffs } : {}),
    };
    io.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
    return;
  }
  for (const { diff } of diffs) io.stdout.write(diff);
  if (options.quiet === true) return;
  const verb = options.check === true ? 'would change' : 'changed';
  if (!changed)
    io.stdout.write(
      `nothing ${options.check === true ? 'to change' : 'changed'}: all ${unchanged.length} files in ${outOf(options)} are as they should be\n`,
    );
  for (const path of written) io.stdout.write(`${verb}  ${path}\n`);
  for (const path of repaired) io.stdout.write(`${verb}  ${path}  (mode only)\n`);
}
