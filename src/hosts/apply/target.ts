import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkAbove, checkRootsFolder, entryAt } from '../../lib/files/roots-folder.ts';
import { usage } from '../../lib/problem.ts';
import type { Values } from '../../policy/postfix/postconf-values.ts';
import { type Entry, entryOf, type Manifest, type Setting, settingOf } from '../programs/manifest.ts';
import { type Backup, backupsOf } from './backups.ts';
import type { Located } from './locate.ts';

/** A file of the folder on the host, as it lies there. */
export interface InstalledFile {
  readonly content: Buffer;
  readonly mode: number;
  /** True when it belongs to root, and to root's group or, where Postfix's own user is to read it, to that user's. */
  readonly isRoots: boolean;
}

/** What the host has before anything is changed. */
export interface Target {
  readonly config: string;
  readonly installDir: string;
  readonly installed: ReadonlyMap<string, InstalledFile>;
  /** The group of Postfix's own user, where a file is for it. */
  readonly mailGroup: number;
  readonly mainCf: Buffer;
  readonly masterCf: Buffer;
  /** What main.cf sets, as `postconf -n` has it. */
  readonly set: Values;
  /** Entries of master.cf on one line each, by `name/type`. */
  readonly entries: ReadonlyMap<string, string>;
  /** Newest first. */
  readonly backups: readonly Backup[];
  /** Parameters that an earlier run set, and what they were before certrelay came. */
  readonly owned: readonly Setting[];
  readonly before: readonly Setting[];
  /** Entries of master.cf that an earlier run put there; those of one that was cut off, too. */
  readonly put: readonly Entry[];
}

/**
 * Looks at everything that may be changed.
 * @throws CertrelayError (usage) for folders that somebody else could change, or that belong to another instance.
 */
export function readTarget(
  { installDir, files, maps }: Pick<Manifest, 'installDir' | 'files' | 'maps'>,
  located: Located,
  mailGroup = 0,
): Target {
  checkWay(installDir);
  const { programs, config } = located;
  const names = new Set([...files.map(({ name }) => name), ...maps.map(({ file }) => file)]);
  const installed = [...names].flatMap((name): [string, InstalledFile][] => {
    const path = join(installDir, name);
    const status = entryAt(path);
    if (status === undefined) return [];
    if (!status.isFile()) {
      const what = status.isSymbolicLink() ? 'a symbolic link' : 'no file';
      throw usage('target-not-file', `"${path}" is ${what}, where a file is to go`, 'look at it, and move it away');
    }
    const group = files.some((file) => file.name === name && file.mode === 0o640) ? mailGroup : 0;
    const isRoots = status.uid === 0 && status.gid === group;
    return [[name, { content: readFileSync(path), mode: status.mode & 0o7777, isRoots }]];
  });
  const set = programs.set();
  const record = (name: string) => records(join(`${installDir}.backup`, name));
  const target = {
    ...{ config, installDir, set, installed: new Map(installed), mailGroup },
    mainCf: readFileSync(join(config, 'main.cf')),
    masterCf: readFileSync(join(config, 'master.cf')),
    entries: entriesOf(programs.postconf('-M').stdout),
    backups: backupsOf(installDir),
    owned: record('owned'),
    before: record('before'),
    put: putBefore(join(`${installDir}.backup`, 'entries'), backupsOf(installDir)[0]),
  };
  checkInstance(target, located.isFirst);
  return target;
}

/** Where files go, and every directory on the way there. */
function checkWay(installDir: string): void {
  for (const path of [installDir, `${installDir}.backup`]) {
    const status = entryAt(path);
    if (status !== undefined) checkRootsFolder(path, status);
  }
  checkAbove(installDir);
}

/** Backups hold the main.cf of one instance, so each instance needs a folder of its own. */
function checkInstance({ config, installDir, backups, owned, set }: Target, isFirst: boolean): void {
  const other = backups.find((backup) => backup.config !== undefined && backup.config !== config)?.config;
  // install.sh does not record the directory: then the parameters that it set tell whose its backups are.
  const isOurs =
    isFirst ||
    owned.length === 0 ||
    owned.some(({ name, value }) => value.includes(installDir) && set.get(name) === value);
  if (other === undefined && (isOurs || backups.some((backup) => backup.config === config))) return;
  throw usage(
    'instance-other',
    `"${installDir}" serves another Postfix instance${other === undefined ? '' : ` (${other})`} already`,
    `make a folder of its own for this one: certrelay init --install-dir ${config}/certrelay --yes`,
  );
}

function records(path: string): readonly Setting[] {
  return entryAt(path)?.isFile() === true ? readFileSync(path, 'utf8').split('\n').filter(Boolean).map(settingOf) : [];
}

function putBefore(path: string, newest: Backup | undefined): readonly Entry[] {
  const recorded = entryAt(path)?.isFile() === true ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
  return [...recorded, ...(newest?.unfinished === true && !newest.isRepair ? newest.services : [])].map(entryOf);
}

/** Entries of master.cf as `postconf -M` prints them, by `name/type`. */
export function entriesOf(lines: string): ReadonlyMap<string, string> {
  return new Map(
    lines
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [name, type] = line.split(/\s+/);
        return [`${name}/${type}`, line.trim()];
      }),
  );
}
