import { realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { temporary } from '../lib/files/check.ts';
import { makeRoot } from '../lib/files/files.ts';
import { disk } from '../lib/files/operations.ts';
import { filesProblem, onPath } from '../lib/files/problem.ts';
import { readBytes, readText } from '../lib/files/read.ts';
import type { OutputKind } from '../lib/option-row.ts';
import { type CertrelayError, usage } from '../lib/problem.ts';
import { ledgerPath, lockPath, managedNames } from '../provision/ledger/layout.ts';
import { isMetricsText } from '../report/metrics.ts';
import { isUnitText } from '../report/units.ts';
import type { Command, Io, Options } from './command.ts';
import { existingState, outOf } from './state.ts';

/** Where an option says that something is to be written. */
interface Place {
  /** Absolute. */
  readonly path: string;
  /** As the user wrote it. */
  readonly shown: string;
  readonly kind: OutputKind;
}

interface KindRow {
  /** What messages call a file of this kind. */
  readonly title: string;
  /** Whether the option names a directory for several files; it is made when it is not there. */
  readonly isFolder: boolean;
  /** Whether a file is an earlier output of this kind. */
  recognise(path: string, options: Options, io: Io): boolean | Promise<boolean>;
}

const kinds: Readonly<Record<OutputKind, KindRow>> = {
  'revocation-list': {
    title: 'a revocation list of this CA',
    isFolder: false,
    async recognise(path, options, io) {
      const { certificates } = existingState(options, io).state;
      const authorities = certificates.filter(({ role }) => role === 'authority');
      const { isRevocationListOf } = await import('../provision/pki/crl.ts');
      return isRevocationListOf(
        authorities.map(({ certificate }) => Buffer.from(certificate, 'base64')),
        readText(path, largest),
      );
    },
  },
  metrics: {
    title: 'metrics of certrelay',
    isFolder: false,
    recognise: (path) => isMetricsText(readText(path, largest)),
  },
  units: {
    title: 'made by "certrelay timer"',
    isFolder: true,
    recognise: (path) => isUnitText(readText(path, largest)),
  },
};

/** More than the metrics or revocations of any fleet. */
const largest = 256 * 1_048_576;

/**
 * The one rule for options that name a file or directory to be written (`writes` of their rows). Such a file may be new, empty,
 * or an earlier output of the same kind, recognised by its content. What certrelay manages in a state is never such a place,
 * whatever name or link leads there, and neither is a link, a device or a pipe. Asked for every command before it runs, so
 * that nothing is changed; and once more when the file is written.
 * @throws CertrelayError (usage)
 */
export async function checkOutputs(row: Command, options: Options, io: Io): Promise<void> {
  for (const { flags, writes } of row.options) {
    const long = /--([\w-]+)/.exec(flags)?.[1] ?? '';
    const value = options[long.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())];
    if (writes === undefined || typeof value !== 'string') continue;
    const place = placeOf(value, writes, io);
    if (kinds[writes].isFolder) checkFolder(place, options, io);
    else await checkFile(place, options, io);
  }
}

/** Writes one file where an option says; see `checkOutputs`. A reader sees the old file or the new one, and never a part. */
export async function writeOutput(
  shown: string,
  kind: OutputKind,
  content: string,
  options: Options,
  io: Io,
): Promise<void> {
  const place = placeOf(shown, kind, io);
  await checkFile(place, options, io);
  await replace(place, content, io);
}

/** The same for several files in one directory; answers the names of those whose content or mode was another. */
export async function writeOutputs(
  shown: string,
  kind: OutputKind,
  files: readonly { readonly name: string; readonly content: string }[],
  options: Options,
  io: Io,
): Promise<readonly string[]> {
  const folder = placeOf(shown, kind, io);
  checkFolder(folder, options, io);
  const due: { readonly place: Place; readonly name: string; readonly content: string }[] = [];
  for (const { name, content } of files) {
    const place = { path: join(folder.path, name), shown: join(shown, name), kind };
    await checkFile(place, options, io);
    const entry = disk.look(place.path);
    const isSame = entry?.mode === 0o644 && Buffer.from(content).equals(readBytes(place.path, largest));
    if (!isSame) due.push({ place, name, content });
  }
  if (due.length > 0) makeRoot({ root: folder.path, isPrivate: () => false });
  for (const { place, content } of due) await replace(place, content, io);
  return due.map(({ name }) => name);
}

function placeOf(shown: string, kind: OutputKind, io: Io): Place {
  if (shown === '')
    throw usage('output-empty', `the name of the file for ${kinds[kind].title} is empty`, 'name a file');
  return { path: resolve(io.cwd, shown), shown, kind };
}

function checkFolder(place: Place, options: Options, io: Io): void {
  checkOutside(place, options, io);
  const entry = onPath('cannot write', place.shown, () => disk.look(place.path));
  if (entry === undefined || entry.kind === 'folder') return;
  throw refused(place, entry.kind === 'link' ? 'it is a symbolic link' : 'it is not a directory');
}

async function checkFile(place: Place, options: Options, io: Io): Promise<void> {
  checkOutside(place, options, io);
  const entry = onPath('cannot write', place.shown, () => disk.look(place.path));
  if (entry === undefined) return;
  if (entry.kind === 'link') throw refused(place, 'it is a symbolic link');
  if (entry.kind === 'folder') throw refused(place, 'it is a directory');
  if (entry.kind === 'other') throw refused(place, 'it is a device, a pipe or a socket');
  if (entry.size === 0 || (await kinds[place.kind].recognise(place.path, options, io))) return;
  const { title } = kinds[place.kind];
  throw usage(
    'output-foreign',
    `cannot write "${place.shown}": it exists and is not ${title}`,
    'name another file, or move this one away; nothing was changed',
  );
}

function refused({ shown, kind }: Place, why: string): CertrelayError {
  const wanted = kinds[kind].isFolder ? 'name a directory' : 'name a regular file or a new one';
  return usage('output-kind', `cannot write "${shown}": ${why}`, `${wanted}; nothing was changed`);
}

/** A state is the folder of --out, and any other that has a ledger. */
function checkOutside(place: Place, options: Options, io: Io): void {
  const out = resolve(io.cwd, outOf(options));
  const [state, managed] = [identity(out), managedNames.map((name) => identity(join(out, name)))];
  const path = realPath(place.path);
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    const own = identity(at);
    const above = dirname(at);
    const isState = identity(above) === state || identity(join(above, ledgerPath)) !== undefined;
    const isManaged = isManagedName(basename(at)) && isState && identity(above) !== undefined;
    if (!isManaged && (own === undefined || !managed.includes(own))) continue;
    throw usage(
      'output-state',
      `cannot write "${place.shown}": certrelay keeps its state there`,
      'name a file elsewhere; nothing was changed',
    );
  }
}

/** Names are compared without case, for some file systems do so; `.ledger.jsonl.new` and the like are used while writing. */
function isManagedName(name: string): boolean {
  const lower = name.toLowerCase();
  return managedNames.some((each) => lower === each || lower === `.${each}.new`) || lower.startsWith(`${lockPath}.`);
}

/** What a file is, whatever name it has; hard links and bind mounts have the same. Undefined where there is nothing. */
function identity(path: string): string | undefined {
  let stats: Stats | undefined;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
  } catch {
    // Closed to this user, or below a file: not a state that could be written to by that name.
    return undefined;
  }
  return stats === undefined ? undefined : `${stats.dev}:${stats.ino}`;
}

/** The path with every link of its directories followed, as far as it exists. The last name may be a link, and stays. */
function realPath(path: string): string {
  const above = dirname(path);
  if (above === path) return path;
  const isThere = disk.look(above) !== undefined;
  return join(isThere ? onPath('cannot write', path, () => realpathSync(above)) : realPath(above), basename(path));
}

/** The directory may belong to somebody else, to the collector's user for one, so nothing is asked of its owner. */
async function replace({ path, shown }: Place, content: string, io: Io): Promise<void> {
  // A name that does not end as the file does: a collector reads every "*.prom".
  const aside = `${temporary(path)}-${Buffer.from(io.random(6)).toString('hex')}`;
  try {
    const file = disk.create(aside, 0o644);
    try {
      disk.write(file, content);
      await disk.flush([file]);
    } finally {
      disk.close(file);
    }
    disk.rename(aside, path);
    await disk.flushFolders([dirname(path)]);
  } catch (error) {
    try {
      disk.remove(aside);
    } catch {
      // It was never made, or is in its place already.
    }
    throw filesProblem('cannot write', shown, error);
  }
}
