import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { filesProblem, isErrno } from '../../lib/files/problem.ts';
import { CertrelayError, type Problem, usage } from '../../lib/problem.ts';

/** A file that was named, or that lies below a folder that was. */
export interface FoundFile {
  /** As messages call it: the path as given, with what is below it. */
  readonly name: string;
  readonly path: string;
  /** It was named itself, so it must be something that can be taken over. */
  readonly named: boolean;
}

const deepest = 8;
const most = 200_000;
/** No certificate, key or map is larger; a map of 100,000 lines has some ten megabytes. */
const largest = 64 * 1_048_576;

/**
 * Every regular file of what `--import` names, each once. A link to a file is followed, for many tools keep what is current behind
 * one; a link to a folder below a named one is not, or the walk might never end.
 * @throws CertrelayError: a path that is not there, a folder that cannot be read, more files than any set-up has.
 */
export function findFiles(given: readonly string[], cwd: string): readonly FoundFile[] {
  const found = new Map<string, FoundFile>();
  const closed: Problem[] = [];
  for (const name of given) {
    const path = resolve(cwd, name);
    const stats = entryOf(path, name);
    if (stats === undefined)
      throw usage(
        'import-missing',
        `--import: there is no "${name}"`,
        'name a folder or a file with certificates, keys, or lines of relay_clientcerts',
      );
    if (stats.isDirectory()) walk(name, path, 0, found, closed);
    else if (stats.isFile()) add({ name, path, named: true }, found);
    else
      throw usage(
        'import-kind',
        `--import: "${name}" is neither a file nor a folder`,
        'name a folder or a file with certificates, keys, or lines of relay_clientcerts',
      );
  }
  if (closed.length > 0) throw new CertrelayError('failure', ...closed.slice(0, 5));
  return [...found.values()];
}

function walk(name: string, path: string, depth: number, found: Map<string, FoundFile>, closed: Problem[]): void {
  let names: readonly string[];
  try {
    names = readdirSync(path).sort();
  } catch (error) {
    collect(filesProblem('cannot read', name, error), closed);
    return;
  }
  for (const one of names) {
    const inner = { name: `${name.replace(/\/$/, '')}/${one}`, path: join(path, one), named: false };
    const entry = entryOf(inner.path, inner.name);
    const isLink = realpathOf(inner.path) !== join(realpathOf(path), one);
    if (entry === undefined) continue;
    if (entry.isDirectory() && !isLink && depth < deepest) walk(inner.name, inner.path, depth + 1, found, closed);
    else if (entry.isFile() && entry.size <= largest) add(inner, found);
    if (found.size > most)
      throw usage(
        'import-many',
        `--import: "${name}" holds more than ${most} files`,
        'name the folders that hold them, not one above them',
      );
  }
}

/** A problem about one path is remembered, so that all of them are told at once. */
export function collect(error: unknown, problems: Problem[]): void {
  if (!(error instanceof CertrelayError)) throw error;
  problems.push(...error.problems);
}

function add(file: FoundFile, found: Map<string, FoundFile>): void {
  const real = realpathOf(file.path);
  if (!found.has(real)) found.set(real, file);
}

function realpathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // A link that leads nowhere, or a folder that may not be entered: it is met again when it is read.
    return path;
  }
}

function entryOf(path: string, name: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    // Links in a circle lead nowhere, as a link does whose file is gone.
    if (isErrno(error, 'ENOTDIR') || isErrno(error, 'ELOOP')) return undefined;
    throw filesProblem('cannot read', name, error);
  }
}
