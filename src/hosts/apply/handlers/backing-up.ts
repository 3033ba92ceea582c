import { appendFileSync, existsSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checksums } from '../backups.ts';
import { copyWhole, writeWhole } from '../snapshot.ts';
import { entriesOf } from '../target.ts';
import { ensureFolder, flushFolder, removeIfEmpty } from './folders.ts';
import { type Installing, StepFailure, type StepHandler, type Work } from './handler.ts';

const configFiles = ['main.cf', 'master.cf'] as const;
const records = ['owned', 'before', 'entries'] as const;
const lists = ['names', 'settings', 'complete', 'services'] as const;

/**
 * main.cf, master.cf, and every file that a staged one will replace. Where a run was cut off, its backup goes on, for what
 * it holds is older than what that run left behind.
 */
export const backUp: StepHandler<'back-up', Installing> = {
  perform({ settings, services }, work) {
    const { backup, config, installDir, target } = work;
    for (const [name, read] of [
      ['main.cf', target.mainCf],
      ['master.cf', target.masterCf],
    ] as const) {
      if (!readFileSync(join(config, name)).equals(read)) {
        throw new StepFailure(`somebody else changed ${name} since it was read; run this again`);
      }
    }
    if (existsSync(backup)) for (const name of lists) work.snapshot.take(join(backup, name));
    else beginBackup(work);
    const known = new Set(linesOf(join(backup, 'names')));
    for (const name of readdirSync(work.stage)) {
      if (known.has(name)) continue;
      const path = join(installDir, name);
      if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) copyWhole(path, join(backup, 'files', name));
      appendTo(join(backup, 'names'), [name]);
    }
    // Only what this run sets is taken back one day.
    appendTo(join(backup, 'settings'), settings);
    writeWhole(join(backup, 'complete'), checksums(backup), { mode: 0o600 });
    appendTo(join(backup, 'services'), services);
    flushFolder(backup);
  },
  undo(_step, work) {
    const { backup, snapshot, folders } = work;
    if (!folders.has(backup)) return snapshot.restore(lists.map((name) => join(backup, name)));
    return dropBackup(backup);
  },
};

/** Nobody else may read what is in a backup, whatever the caller's umask is. */
export function appendTo(path: string, lines: readonly string[]): void {
  appendFileSync(path, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
}

/** Makes a backup with all but what tells what the run changes; `marks` go into `config`. */
export function beginBackup(work: Work, marks: readonly string[] = []): void {
  const { backup, config } = work;
  ensureFolder(dirname(backup), 0o700, work);
  ensureFolder(backup, 0o700, work);
  appendTo(join(backup, 'unfinished'), []);
  ensureFolder(join(backup, 'files'), 0o700, work);
  for (const name of configFiles) copyWhole(join(config, name), join(backup, name));
  for (const name of records) {
    const path = join(dirname(backup), name);
    if (existsSync(path)) copyWhole(path, join(backup, name));
  }
  appendTo(join(backup, 'config'), [config, ...marks]);
}

/** The records, and how main.cf and master.cf were left. */
export const record: StepHandler<'record', Installing> = {
  perform(_step, work) {
    const { backup, config, programs, snapshot } = work;
    const before = programs.over(backup);
    const said = work.records({ set: before.set(), entries: entriesOf(before.postconf('-M').stdout) });
    for (const name of records) {
      const path = join(dirname(backup), name);
      snapshot.take(path);
      // Most hosts have no entry of certrelay's, and need no list of them.
      if (name === 'entries' && said[name].length === 0) rmSync(path, { force: true });
      else writeWhole(path, said[name].map((line) => `${line}\n`).join(''));
    }
    for (const name of configFiles) copyWhole(join(config, name), join(backup, `${name}.after`));
    snapshot.take(join(backup, 'unfinished'));
    rmSync(join(backup, 'unfinished'), { force: true });
  },
  undo(_step, work) {
    const { backup, snapshot } = work;
    if (existsSync(backup)) for (const name of configFiles) rmSync(join(backup, `${name}.after`), { force: true });
    return snapshot.restore([
      ...records.map((name) => join(dirname(backup), name)),
      ...(existsSync(backup) ? [join(backup, 'unfinished')] : []),
    ]);
  },
};

export const drop: StepHandler<'drop', Work> = {
  perform({ backups }) {
    for (const { path } of backups) dropBackup(path);
  },
};

/** Removes a backup, and the folder of backups when it was the last thing in it. */
export function dropBackup(path: string): readonly string[] {
  rmSync(path, { recursive: true, force: true });
  removeIfEmpty(dirname(path));
  return [];
}

function linesOf(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
}
