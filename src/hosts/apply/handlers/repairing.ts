import { existsSync, lstatSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Edit, TableEdit } from '../../../diagnose/configuration/edit.ts';
import { checksum, checksums, repairMark } from '../backups.ts';
import { copyWhole, writeWhole } from '../snapshot.ts';
import { entriesOf } from '../target.ts';
import { appendTo, beginBackup, dropBackup } from './backing-up.ts';
import { ensureFolder, flushFolder } from './folders.ts';
import { type StepHandler, succeeded, type Work } from './handler.ts';

/** What postmap(1) makes beside a source, by type (DATABASE_README). */
const compiledEndings = ['.db', '.lmdb', '.cdb', '.pag', '.dir'] as const;
const configFiles = ['main.cf', 'master.cf'] as const;

/** The backup of a repair: main.cf, master.cf, and the tables that it changes. */
export const keep: StepHandler<'keep', Work> = {
  perform({ edits }, work) {
    const { backup, programs } = work;
    beginBackup(work, [repairMark]);
    const tables = [...new Set(edits.flatMap((edit) => (edit.kind === 'table' ? filesOf(edit) : [])))];
    if (tables.length > 0) ensureFolder(join(backup, 'copies'), 0o700, work);
    for (const [index, path] of tables.entries()) {
      if (isThere(path)) copyWhole(path, join(backup, 'copies', String(index + 1)));
    }
    if (tables.length > 0) appendTo(join(backup, 'tables'), tables);
    const entries = entriesOf(programs.postconf('-M').stdout);
    const services = edits.flatMap((edit) => (edit.kind === 'parameter' && edit.service ? [edit.service] : []));
    const settings = edits.flatMap((edit) =>
      edit.kind === 'parameter' && !edit.service ? [`${edit.name} = ${edit.value}`] : [],
    );
    appendTo(join(backup, 'settings'), settings);
    writeWhole(join(backup, 'complete'), checksums(backup), { mode: 0o600 });
    appendTo(
      join(backup, 'services'),
      [...new Set(services)].map((service) => `${service} ${entries.get(service) ?? ''}`),
    );
    flushFolder(backup);
  },
  undo(_step, { backup }) {
    return dropBackup(backup);
  },
};

export const repair: StepHandler<'repair', Work> = {
  isSeen: true,
  perform({ edit }, work) {
    for (const path of changedBy(edit, work)) work.snapshot.take(path);
    make(edit, work);
  },
  undo({ edit }, work) {
    return work.snapshot.restore(changedBy(edit, work));
  },
};

/** How the repair left everything, to notice later that somebody else edited it. */
export const end: StepHandler<'end', Work> = {
  perform(_step, { backup, config }) {
    for (const name of configFiles) copyWhole(join(config, name), join(backup, `${name}.after`));
    const list = join(backup, 'tables');
    const tables = existsSync(list) ? readFileSync(list, 'utf8').split('\n').filter(Boolean) : [];
    appendTo(
      join(backup, 'tables.after'),
      tables.filter(isThere).map((path) => `${checksum(readFileSync(path))} ${path}`),
    );
    rmSync(join(backup, 'unfinished'), { force: true });
  },
};

function make(edit: Edit, { programs }: Work): void {
  if (edit.kind === 'parameter') {
    const { name, value, service } = edit;
    succeeded(
      service === undefined
        ? programs.postconf('-e', `${name} = ${value}`)
        : programs.postconf('-P', `${service}/${name}=${value}`),
    );
    return;
  }
  const { mode, uid, gid } = statSync(edit.path);
  writeWhole(edit.path, edit.text, { mode: mode & 0o7777, uid, gid });
  const type = edit.spec.slice(0, edit.spec.indexOf(':'));
  const [, ...compiled] = filesOf(edit);
  if (compiled.some(isThere)) succeeded(programs.postmap([`${type}:${edit.path}`]));
}

function changedBy(edit: Edit, { config }: Work): readonly string[] {
  return edit.kind === 'table' ? filesOf(edit) : configFiles.map((name) => join(config, name));
}

/** A table's source, and what may be compiled of it. */
function filesOf({ path }: TableEdit): readonly string[] {
  return [path, ...compiledEndings.map((ending) => `${path}${ending}`)];
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
