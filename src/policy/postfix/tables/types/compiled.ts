import type { Problem } from '../../../../lib/problem.ts';
import { foldCase, trimSpace } from '../../../../lib/text.ts';
import type { Table, TableEntry } from '../../config.ts';
import { logicalLines, orphanWarning } from '../../logical-lines.ts';
import type { Version } from '../../version.ts';
import { KeyIndex } from '../key-index.ts';
import { keyedTable } from '../keyed.ts';
import { lineWarning } from '../line-warning.ts';
import type { SourceEntry } from '../postmap-source.ts';
import { postmapSource } from '../postmap-source.ts';
import type { TableHost, TableType } from '../table-type.ts';

/**
 * Tables that postmap(1) or postalias(1) compiles; the server reads the compiled file only, and this program takes it
 * to be up to date with its source. The first of two entries with one key wins.
 */
export const compiledTypes: readonly TableType[] = (
  [
    ['hash', '2.9', '.db', 'database', 'Indexed file of Berkeley DB, by hash value.'],
    ['btree', '2.9', '.db', 'database', 'Indexed file of Berkeley DB, in key order.'],
    ['dbm', '2.9', '.dir', 'database', 'Indexed file pair of the dbm library.'],
    ['sdbm', '2.9', '.dir', 'database', 'Indexed file pair of the sdbm library.'],
    ['cdb', '2.9', '.cdb', 'database', 'Constant database: read-only, compact.'],
    ['lmdb', '2.11', '.lmdb', 'database', 'OpenLDAP memory-mapped database.'],
  ] as const
).map(([type, since, suffix, noun, doc]) => ({
  type,
  since,
  doc,
  open: (name: string, host: TableHost) => openCompiled(`${type}:${name}`, name, suffix, noun, host),
}));

function openCompiled(spec: string, name: string, suffix: string, noun: string, host: TableHost): Table {
  const text = host.read(name);
  if (text === undefined) return host.absent(spec, true, `open ${noun} ${name}${suffix}: No such file or directory`);
  const source = host.isAliasTable(spec) ? aliasSource : postmapSource;
  const index = new KeyIndex();
  const warnings: Problem[] = [];
  const warn = (message: string, line: number, code = 'table-line') =>
    warnings.push(lineWarning(name, line, message, code));
  source(
    text,
    name,
    host.version,
    (key, value, line) => {
      const folded = foldCase(key, host.unicode);
      if (!index.add(folded, value))
        warn(`${duplicateIn(spec, name)}: duplicate entry: "${folded}"`, line, 'table-duplicate');
    },
    warn,
  );
  return keyedTable(spec, index, {
    unicode: host.unicode,
    warnings,
    list: () => {
      const entries: TableEntry[] = [];
      const seen = new Set<string>();
      const add = (key: string, value: string, line: number) => {
        const folded = foldCase(key, host.unicode);
        if (seen.has(folded)) return;
        seen.add(folded);
        entries.push({ key: folded, value, where: { file: name, line, column: 1 } });
      };
      source(text, name, host.version, add, () => {});
      return entries;
    },
  });
}

/** What postmap(1) calls the table when it warns of a second entry with one key. */
function duplicateIn(spec: string, name: string): string {
  if (spec.startsWith('lmdb:')) return spec;
  return /^(hash|btree):/.test(spec) ? `${name}.db` : name;
}

/**
 * Reads the text postalias(1) compiles, aliases(5): `name: value, value`, where a name with special characters is
 * quoted. The quotes do not belong to the key.
 */
function aliasSource(
  text: string,
  file: string,
  _version: Version,
  each: SourceEntry,
  warn: (message: string, line: number) => void,
): void {
  logicalLines(
    text,
    (line, number) => {
      const match = /^(?:"((?:[^"\\]|\\.)*)"|([^":]*?))[ \t]*:(.*)$/s.exec(line);
      const key = match?.[1]?.replace(/\\(.)/gs, '$1') ?? match?.[2] ?? '';
      const value = trimSpace(match?.[3] ?? '');
      if (key === '' || value === '') {
        warn(`${file}, line ${number}: need name:value pair`, number);
        return;
      }
      each(key, value, number);
    },
    (line, number) => warn(orphanWarning(file, line), number),
  );
}
