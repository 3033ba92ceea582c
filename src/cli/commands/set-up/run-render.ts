import { join } from 'node:path';
import { unifiedDiff } from '../../../lib/diff.ts';
import type { Change } from '../../../lib/files/change.ts';
import type { FileOperations } from '../../../lib/files/operations.ts';
import { readTextIfAny } from '../../../lib/files/read.ts';
import { CertrelayError, exitCodes } from '../../../lib/problem.ts';
import { missingCertificates } from '../../../provision/issue/issue-missing.ts';
import { type Settled, settle } from '../../../provision/state/settle.ts';
import { refusalText } from '../../../report/verification.ts';
import type { Io, Options } from '../../command.ts';
import { withLock } from '../../lock.ts';
import { progressLine } from '../../progress.ts';
import { existingState, outOf } from '../../state.ts';

/** certrelay render: everything that follows from inventory and ledger, by content. */
export async function runRender(options: Options, io: Io, files?: FileOperations): Promise<number> {
  return options.check === true
    ? renderAll(options, io, files)
    : withLock('certrelay render', options, io, () => renderAll(options, io, files));
}

async function renderAll(options: Options, io: Io, files?: FileOperations): Promise<number> {
  const stored = existingState(options, io, undefined, files);
  const { inventory, state } = stored;
  const [missing, ...more] = missingCertificates(inventory, state);
  if (missing !== undefined) {
    const others = more.length === 0 ? '' : ` and ${more.length} more`;
    throw new CertrelayError('usage', {
      code: 'certificate-missing',
      message: `"${missing.name}"${others} has no certificate yet`,
      hint: 'an interrupted run left it so; "certrelay init --yes" issues what is missing',
    });
  }
  // Compared before they are written, for afterwards there is nothing to compare with.
  let diffs: readonly FileDiff[] = [];
  const read = (path: string) => readTextIfAny(join(stored.root, path));
  const progress = progressLine('rendering hosts:', io, options.quiet === true);
  const settled = await settle(
    stored,
    { inventory, events: [], keys: [] },
    {
      ...{ dryRun: options.check === true, whole: true, progress },
      before(changes) {
        if (options.diff === true) diffs = diffsOf(changes, read);
      },
    },
  );
  progress.end();
  if (settled.proof !== 'met') {
    io.stdout.write(refusalText(settled.proof, settled.verifications));
    return exitCodes[settled.proof === 'broken' ? 'denied' : 'unknown'][0];
  }
  tell(settled, diffs, options, io);
  const changed = settled.created.length + settled.updated.length > 0;
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

function tell({ created, updated, unchanged }: Settled, diffs: readonly FileDiff[], options: Options, io: Io): void {
  const check = options.check === true;
  const changed = created.length + updated.length > 0;
  if (options.json === true) {
    const document = {
      schema: 'certrelay/render@1',
      ...{ changed: changed && !check, pending: changed && check, created, updated, unchanged },
      ...(options.diff === true ? { diffs } : {}),
    };
    io.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
    return;
  }
  for (const { diff } of diffs) io.stdout.write(diff);
  if (options.quiet === true) return;
  if (!changed) {
    io.stdout.write(
      `nothing ${check ? 'to change' : 'changed'}: all ${unchanged} files in ${outOf(options)} are as they should be\n`,
    );
  }
  for (const path of created) io.stdout.write(`${check ? 'would create' : 'created'}  ${path}\n`);
  for (const path of updated) io.stdout.write(`${check ? 'would update' : 'updated'}  ${path}\n`);
}
