import {
  chmodSync,
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseVersion, type Version } from '../../../policy/postfix/version.ts';
import { wrongAnswer } from '../answers.ts';
import { ensureFolder, restoreFolder } from './folders.ts';
import { type Installing, StepFailure, type StepHandler, succeeded } from './handler.ts';

/**
 * New files are made complete in a folder beside their place, and tables are built and asked there. Postfix sees nothing
 * of it; a rename later puts each file in its place at once.
 */
export const stage: StepHandler<'stage', Installing> = {
  perform(_step, work) {
    ensureFolder(work.installDir, 0o755, work);
    rmSync(work.stage, { recursive: true, force: true });
    ensureFolder(work.stage, 0o700, work);
    for (const { name, mode, content } of work.pending.files) stageFile(join(work.stage, name), content, mode, work);
  },
  undo(_step, work) {
    rmSync(work.stage, { recursive: true, force: true });
    return restoreFolder(work.installDir, work);
  },
};

export const build: StepHandler<'build', Installing> = {
  perform({ table: { type, file, source } }, work) {
    const isStaged = work.pending.files.some(({ name }) => name === file);
    if (!isStaged) stageFile(join(work.stage, file), source, 0o644, work);
    // Read as it is.
    if (type === 'texthash') return;
    succeeded(work.programs.postmap([`${type}:${join(work.stage, file)}`]));
    const built = readdirSync(work.stage).filter((name) => name.startsWith(`${file}.`));
    for (const name of built) chmodSync(join(work.stage, name), 0o644);
  },
};

export const askNew: StepHandler<'ask-new', Installing> = {
  perform({ table: { type, file, source } }, work) {
    const wrong = wrongAnswer(work.programs, `${type}:${join(work.stage, file)}`, source, versionOf(work));
    if (wrong !== undefined) throw new StepFailure(wrong);
  },
};

export const query: StepHandler<'query', Installing> = {
  perform({ table: { type, path, file } }, work) {
    const source = work.folder.files.get(file) ?? Buffer.alloc(0);
    const real = type === '$default_database_type' ? work.programs.value('default_database_type') : type;
    const wrong = wrongAnswer(work.programs, `${real}:${path}`, source, versionOf(work));
    if (wrong !== undefined) throw new StepFailure(wrong);
  },
};

function versionOf({ folder }: Installing): Version {
  const version = parseVersion(folder.manifest.versions.from);
  if ('code' in version) throw new StepFailure(version.message);
  return version;
}

/** Never readable by more than it may be, not even for a moment. */
function stageFile(path: string, content: Buffer, mode: number, { target }: Pick<Installing, 'target'>): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(file, content);
    fchownSync(file, 0, mode === 0o640 ? target.mailGroup : 0);
    fchmodSync(file, mode);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
