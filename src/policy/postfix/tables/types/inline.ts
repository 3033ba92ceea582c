import { foldCase, trimSpace } from '../../../../lib/text.ts';
import type { Table } from '../../config.ts';
import { splitNameValue } from '../../main-cf.ts';
import { tokens } from '../../tokens.ts';
import { bracedList, closedGroup } from '../braced-list.ts';
import { KeyIndex } from '../key-index.ts';
import { keyedTable } from '../keyed.ts';
import { surrogate } from '../surrogate.ts';
import type { TableHost, TableType } from '../table-type.ts';

/** Entries in the table's name: `inline:{ key=value, { key = text with blanks } }`. The last of two equal keys wins. */
export const inline: TableType = {
  type: 'inline',
  since: '3.0',
  doc: 'A short table written where it is used.',
  open: (name, host) => openInline(name, host),
};

function openInline(name: string, host: TableHost): Table {
  const spec = `inline:${name}`;
  const bad = (what: string) => surrogate(spec, `${what}: "${spec}"; need "inline:{name=value...}"`);
  const body = bracedList(name);
  const elements = body === undefined ? [] : tokens(body, host.version);
  if (elements.length === 0) return bad('bad syntax');
  const values = new Map<string, string>();
  for (const element of elements) {
    const entry = element.startsWith('{') ? closedGroup(element) : element;
    if (typeof entry !== 'string') return bad(entry.problem);
    const pair = splitPair(entry);
    if (typeof pair === 'string') return bad(pair);
    const key = host.keysAsWritten === true ? pair.name : foldCase(pair.name, host.unicode);
    values.delete(key);
    values.set(key, pair.value);
  }
  const where = { file: spec, line: 1, column: 1 };
  return keyedTable(spec, KeyIndex.of(values), {
    unicode: host.unicode,
    list: () => Array.from(values, ([key, value]) => ({ key, value, where })),
  });
}

/** `key = value`, where a key may hold quoted blanks; the quotes stay part of it. */
function splitPair(entry: string): { readonly name: string; readonly value: string } | string {
  const quoted = /^[ \t]*((?:"[^"]*"|[^\s="])+)[ \t]*=(.*)$/s.exec(entry);
  if (quoted !== null) return { name: quoted[1] ?? '', value: trimSpace(quoted[2] ?? '') };
  const pair = splitNameValue(trimSpace(entry));
  if (typeof pair !== 'string') return pair;
  // Unlike main.cf, an inline table may have an entry with an empty key, which nothing ever asks for.
  const empty = /^\s*=(.*)$/s.exec(entry);
  return empty === null ? pair : { name: '', value: trimSpace(empty[1] ?? '') };
}
