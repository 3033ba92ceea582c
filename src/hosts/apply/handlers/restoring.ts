import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { settingOf } from '../../programs/manifest.ts';
import { type Backup, checksum } from '../backups.ts';
import { edit } from '../edits.ts';
import { copyWhole } from '../snapshot.ts';
import { ensureFolder, restoreFolder } from './folders.ts';
import { StepFailure, type StepHandler, succeeded, type Work } from './handler.ts';
import { relabel } from './placing.ts';

const records = ['owned', 'before', 'entries'] as const;

/** Returns to what was before the run that made a backup. */
export const restore: StepHandler<'restore', Work> = {
  isSeen: true,
  perform({ backup }, work) {
    for (const path of touched(backup, work)) work.snapshot.take(path);
    restoreMainCf(backup, work);
    restoreMasterCf(backup, work);
    restoreFiles(backup, work);
    restoreTables(backup);
    for (const name of records) {
      const path = join(dirname(backup.path), name);
      if (existsSync(join(backup.path, name))) copyWhole(join(backup.path, name), path);
      else rmSync(path, { force: true });
    }
  },
  undo({ backup }, work) {
    if (!existsSync(work.installDir)) ensureFolder(work.installDir, 0o755, work);
    const left = work.snapshot.restore(touched(backup, work));
    return [...left, ...restoreFolder(work.installDir, { folders: new Map([[work.installDir, 0o755]]) })];
  },
};

function touched({ names, tables, path }: Backup, { config, installDir }: Work): readonly string[] {
  return [
    ...['main.cf', 'master.cf'].map((name) => join(config, name)),
    ...names.map((name) => join(installDir, name)),
    ...tables,
    ...records.map((name) => join(dirname(path), name)),
  ];
}

/** Byte for byte when nobody edited it since, else only the parameters that the run had set. */
function restoreMainCf({ path, settings }: Backup, { programs, config }: Work): void {
  if (!wasEdited(path, 'main.cf', config)) {
    replaceIfOther(join(path, 'main.cf'), join(config, 'main.cf'));
    return;
  }
  const before = programs.over(path).set();
  const names = [...new Set(settings.map((line) => (line.includes(' =') ? settingOf(line).name : line)))];
  const failed = edit(programs, {
    settings: names.flatMap((name) => {
      const value = before.get(name);
      return value === undefined ? [] : [{ name, value, was: undefined }];
    }),
    removals: names.filter((name) => !before.has(name)),
    services: [],
    drops: [],
  });
  if (failed !== undefined) succeeded(failed);
}

/** The same for the entries of master.cf. */
function restoreMasterCf({ path, services }: Backup, { programs, config }: Work): void {
  if (services.length === 0) return;
  if (!wasEdited(path, 'master.cf', config)) {
    replaceIfOther(join(path, 'master.cf'), join(config, 'master.cf'));
    return;
  }
  const before = programs.over(path);
  for (const service of new Set(services.map((line) => line.slice(0, line.indexOf(' '))))) {
    const was = before.postconf('-M', service).stdout.trim();
    succeeded(was === '' ? programs.postconf('-MX', service) : programs.postconf('-M', `${service}=${was}`));
  }
}

/** Tables of a repair come back whole; what others wrote into one since would be lost, so it has to be as it was left. */
function restoreTables({ path, tables }: Backup): void {
  const list = join(path, 'tables.after');
  // Where the repair was cut off there is no such list, and nothing tells what others wrote.
  const after = existsSync(list) ? readFileSync(list, 'utf8').split('\n').filter(Boolean) : undefined;
  for (const table of after === undefined ? [] : tables) {
    const left = after?.find((line) => line.endsWith(` ${table}`)) ?? '';
    const now = existsSync(table) ? `${checksum(readFileSync(table))} ${table}` : '';
    if (now !== left) throw new StepFailure(`somebody changed ${table} since; take the line out by hand`);
  }
  for (const [index, table] of tables.entries()) {
    const copy = join(path, 'copies', String(index + 1));
    if (existsSync(copy)) copyWhole(copy, table);
    else rmSync(table, { force: true });
  }
}

function wasEdited(backup: string, name: string, config: string): boolean {
  const after = join(backup, `${name}.after`);
  return existsSync(after) && !readFileSync(after).equals(readFileSync(join(config, name)));
}

function replaceIfOther(from: string, to: string): void {
  if (!readFileSync(from).equals(readFileSync(to))) copyWhole(from, to);
}

function restoreFiles({ path, names }: Backup, work: Work): void {
  const { installDir } = work;
  for (const name of names) {
    if (!/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name)) throw new StepFailure(`the backup names a file "${name}"`);
    if (existsSync(join(path, 'files', name))) {
      ensureFolder(installDir, 0o755, work);
      copyWhole(join(path, 'files', name), join(installDir, name));
    } else {
      rmSync(join(installDir, name), { force: true });
    }
  }
  if (existsSync(installDir)) relabel(work);
}
