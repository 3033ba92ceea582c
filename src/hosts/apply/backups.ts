import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { standardInstallDir } from '../../provision/settings/install-dir.ts';
import type { PostfixPrograms } from '../programs/postfix-programs.ts';

/**
 * A backup as install.sh makes it too, so that each can take the other's work back:
 *   main.cf master.cf              as they were
 *   files/                         files of the installation folder that were replaced
 *   names                          all that were put there
 *   settings services              what the run set in main.cf and master.cf, a line each
 *   owned before entries           the records beside the backups, as they were: parameters that are certrelay's, what they
 *                                  were before, and entries of master.cf that are certrelay's
 *   main.cf.after master.cf.after  how the run left them, to notice later that somebody else edited them
 *   unfinished                     while the run is under way
 *   complete                       a checksum of each copy, as cksum(1) prints it, written when all have been compared; 0.1.0
 *                                  has no such list. "services" is written last, so without it there is no backup
 *   config                         the configuration directory. A second line, "repair", in the backup of a repair by
 *                                  "explain --apply": install.sh takes that for another instance's, and passes over it
 *   tables copies/ tables.after    in the backup of a repair: the tables that it changed, a path each; the copies, by the
 *                                  number of the line, none of a file that was not there; and checksums of how it left them
 */
export interface Backup {
  readonly path: string;
  /** The time of the run (UTC), e.g. `20261122T155309Z`; names sort by time. */
  readonly name: string;
  readonly unfinished: boolean;
  /** Undefined in a backup of install.sh. */
  readonly config: string | undefined;
  /** Made by a repair (`explain --apply`). */
  readonly isRepair: boolean;
  /** Tables that a repair changed. */
  readonly tables: readonly string[];
  readonly names: readonly string[];
  /** `name = value` lines, and bare names of parameters that were taken out. */
  readonly settings: readonly string[];
  /** `name/type`, and the entry behind it. */
  readonly services: readonly string[];
}

/** The second line of `config` in the backup of a repair. */
export const repairMark = 'repair';

/** Old keys should not pile up, and five steps back are enough. */
const keptBackups = 5;

/** The files that "complete" lists, beside those in files/. */
export const checkedFiles = ['main.cf', 'master.cf', 'owned', 'before', 'entries'] as const;

/** The list of checksums of a backup. */
export function checksums(path: string): string {
  const files = join(path, 'files');
  const kept = existsSync(files) ? readdirSync(files).sort() : [];
  const tables = existsSync(join(path, 'copies')) ? readdirSync(join(path, 'copies')).sort() : [];
  const names = [
    ...checkedFiles.filter((name) => existsSync(join(path, name))),
    ...kept.map((name) => `files/${name}`),
    ...tables.map((name) => `copies/${name}`),
  ];
  return names.map((name) => `${checksum(readFileSync(join(path, name)))} ${name}\n`).join('');
}

/** True when a backup holds what it was made of. 0.1.0 wrote no checksums, and there a copy that is empty was cut short. */
export function isBelieved({ path }: Backup): boolean {
  if (['main.cf', 'master.cf'].some((name) => statSync(join(path, name), { throwIfNoEntry: false })?.size === 0))
    return false;
  return readLines(join(path, 'complete')).every((line) => {
    const [, sum, name] = /^(\d+ \d+) (.+)$/.exec(line) ?? [];
    const file = join(path, name ?? '');
    return name !== undefined && existsSync(file) && checksum(readFileSync(file)) === sum;
  });
}

/** Checksum and length as cksum(1) of POSIX has them. */
export function checksum(bytes: Uint8Array): string {
  let crc = 0;
  const add = (byte: number) => {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  };
  for (const byte of bytes) add(byte);
  for (let length = bytes.length; length > 0; length = Math.floor(length / 256)) add(length % 256);
  return `${~crc >>> 0} ${bytes.length}`;
}

/** Removes the oldest backups, and what never became one, when a run has come to its end. */
export function pruneBackups(installDir: string): void {
  for (const path of directoriesOf(installDir)) {
    if (!existsSync(join(path, 'services'))) rmSync(path, { recursive: true, force: true });
  }
  for (const { path } of backupsOf(installDir).slice(keptBackups)) rmSync(path, { recursive: true, force: true });
}

/** The backups beside an installation folder, newest first. */
export function backupsOf(installDir: string): readonly Backup[] {
  return directoriesOf(installDir)
    .filter((path) => existsSync(join(path, 'services')))
    .map((path) => {
      const name = basename(path);
      const lines = (file: string) => readLines(join(path, file));
      return {
        ...{ path, name, unfinished: existsSync(join(path, 'unfinished')), config: lines('config')[0] },
        ...{ isRepair: lines('config')[1] === repairMark, tables: lines('tables') },
        ...{ names: lines('names'), settings: lines('settings'), services: lines('services') },
      };
    });
}

/** Installation folders that have backups: the usual one, and those of which main.cf names files. */
export function foldersWithBackups(programs: PostfixPrograms): readonly string[] {
  const paths = [...programs.set().values()].flatMap((value) => value.match(/\/[^\s,:]+/g) ?? []);
  const folders = new Set([standardInstallDir, ...paths.map((path) => dirname(path))]);
  return [...folders].filter((folder) => existsSync(`${folder}.backup`));
}

/** Newest first. */
function directoriesOf(installDir: string): readonly string[] {
  const folder = `${installDir}.backup`;
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^\d{8}T\d{6}Zz*$/.test(name) && lstatSync(join(folder, name)).isDirectory())
    .sort()
    .reverse()
    .map((name) => join(folder, name));
}

/** A name for a backup that is newer than all there are. */
export function backupName(now: Date, backups: readonly Backup[]): string {
  const time = `${now.toISOString().replace(/[-:]|\.\d+/g, '')}`;
  let name = time;
  while (backups.some((backup) => backup.name === name)) name += 'z';
  return name;
}

function readLines(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
}
