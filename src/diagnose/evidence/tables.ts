import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readText, readTextIfAny } from '../../lib/files/read.ts';
import { CertrelayError, type Problem } from '../../lib/problem.ts';
import type { TableEvidence } from './evidence.ts';
import type { GivenFiles, GivenText } from './given-files.ts';
import { baseName, listsFingerprints, type NamedTable } from './read-tables.ts';

/**
 * The sources of the tables that one configuration names: those that an option names, those that are given and have the
 * table's base name, those that lie beside the configuration, and with `live` those that lie where it says.
 */
export function tablesOf(
  given: GivenFiles,
  configuration: GivenText,
  named: readonly NamedTable[],
  live: boolean,
): readonly TableEvidence[] {
  const found = new Map<string, TableEvidence>();
  for (const { path, source } of given.tables) found.set(path, evidence(path, source, 'given'));
  for (const source of given.unnamedTables) {
    const path = pathOf(source, named, found);
    if (path !== undefined) found.set(path, evidence(path, source, 'given'));
  }
  for (const { path } of named) {
    if (found.has(path)) continue;
    if (live) {
      const text = path.startsWith('/') ? readTextIfAny(path) : undefined;
      if (text !== undefined) found.set(path, { path, file: path, text, how: 'live' });
      continue;
    }
    const file = beside(configuration, path);
    if (file !== undefined) found.set(path, { path, file: file.name, text: readText(file.path), how: 'beside' });
  }
  return [...found.values()];
}

/** A file beside the configuration under the base name of a path. */
export function beside(
  configuration: GivenText,
  path: string,
): { readonly name: string; readonly path: string } | undefined {
  const file = join(dirname(configuration.path), baseName(path));
  if (file === configuration.path || !existsSync(file)) return undefined;
  return { name: join(dirname(configuration.name), baseName(path)), path: file };
}

/** Which table a given source is: by its base name, or the list of certificates by its content. */
function pathOf(
  { name, text }: GivenText,
  named: readonly NamedTable[],
  found: ReadonlyMap<string, unknown>,
): string | undefined {
  const free = named.filter(({ path }) => !found.has(path));
  const same = free.find(({ path }) => baseName(path) === baseName(name));
  const stem = baseName(name).replace(/\.[^.]*$/, '');
  const similar = free.find(({ path }) => baseName(path) === stem);
  const byContent = listsFingerprints(text) ? free.filter(({ path }) => /cert/i.test(baseName(path))) : [];
  return (same ?? similar ?? (byContent.length === 1 ? byContent[0] : undefined))?.path;
}

function evidence(path: string, { name, text }: GivenText, how: TableEvidence['how']): TableEvidence {
  return { path, file: name, text, how };
}

/**
 * A table that no configuration names was given in vain, and whoever gave it should know. With a list of fingerprints
 * that is what is wrong, or the configuration is cut off before its name: it is reported as a problem and left out.
 */
export function refuseUnmatched(
  given: GivenFiles,
  tables: readonly TableEvidence[],
  named: readonly NamedTable[],
  leftOut: Problem[],
): void {
  const unmatched = given.unnamedTables.filter(({ name }) => !tables.some(({ file }) => file === name));
  const certificates = given.server === undefined ? [] : unmatched.filter(({ text }) => listsFingerprints(text));
  for (const { name } of certificates) {
    leftOut.push({
      code: 'table-left-out',
      message: `"${name}" lists fingerprints, and the configuration names no such table: it is left out`,
      hint: `relay_clientcerts names the table; if another parameter does, say which it is with --table PATH=${name}`,
    });
  }
  const problems = unmatched
    .filter((each) => !certificates.includes(each))
    .map(({ name }): Problem => {
      const paths = named.map(({ path }) => path).join(', ');
      return {
        code: 'table-unmatched',
        message: `"${name}" looks like a lookup table, and no parameter names a table "${baseName(name)}"`,
        hint: `say which it is with --table PATH=${name}${paths === '' ? '' : `; PATH is one of ${paths}`}`,
      };
    });
  if (problems.length > 0) throw new CertrelayError('usage', ...problems);
}
