import { existsSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

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
 *   config                         the configuration directory; install.sh does not write it
 */
export interface Backup {
  readonly path: string;
  /** The time of the run (UTC), e.g. `20261122T155309Z`; names sort by time. */
  readonly name: string;
  readonly unfinished: boolean;
  /** Undefined in a backup of install.sh. */
  readonly config: string | undefined;
  readonly names: readonly string[];
  /** `name = value` lines, and bare names of parameters that were taken out. */
  readonly settings: readonly string[];
  /** `name/type`, and the entry behind it. */
  readonly services: readonly string[];
}

/** Old keys should not pile up, and five steps back are enough. */
const keptBackups = 5;

/** Removes the oldest backups, when a run has come to its end. */
export function pruneBackups(installDir: string): void {
  for (const { path } of backupsOf(installDir).slice(keptBackups)) rmSync(path, { recursive: true, force: true });
}

/** The backups beside an installation folder, newest first. */
export function backupsOf(installDir: string): readonly Backup[] {
  const folder = `${installDir}.backup`;
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^\d{8}T\d{6}Zz*$/.test(name) && lstatSync(join(folder, name)).isDirectory())
    .sort()
    .reverse()
    .map((name) => {
      const path = join(folder, name);
      const lines = (file: string) => readLines(join(path, file));
      return {
        ...{ path, name, unfinished: existsSync(join(path, 'unfinished')), config: lines('config')[0] },
        ...{ names: lines('names'), settings: lines('settings'), services: lines('services') },
      };
    });
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
