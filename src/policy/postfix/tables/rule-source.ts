import type { Table } from '../config.ts';
import { tokens } from '../tokens.ts';
import { atLeast } from '../version.ts';
import { closedGroup } from './braced-list.ts';
import { surrogate } from './surrogate.ts';
import type { TableHost } from './table-type.ts';

/** The rules of a table of patterns, a line each; or the table that stands for them where there are none. */
export type RuleSource = { readonly text: string } | { readonly table: Table };

/**
 * Reads the file that a table of patterns is named after; from 3.7 on the name may be the rules themselves:
 * `cidr:{ { 192.0.2.0/24 OK }, … }` (regexp_table(5), pcre_table(5), cidr_table(5)).
 */
export function ruleSource(type: string, name: string, host: TableHost): RuleSource {
  const spec = `${type}:${name}`;
  if (!name.startsWith('{') || !atLeast(host.version, '3.7')) {
    const text = host.read(name);
    if (text !== undefined) return { text };
    return { table: host.absent(spec, false, `open ${name}: No such file or directory`) };
  }
  const body = closedGroup(name);
  const lines = typeof body === 'string' ? tokens(body, host.version).map(ruleOf) : [body];
  let text = '';
  for (const line of lines) {
    if (typeof line !== 'string') return { table: surrogate(spec, `${type} map: ${line.problem}`) };
    text += `${line}\n`;
  }
  return { text };
}

function ruleOf(element: string): ReturnType<typeof closedGroup> {
  return element.startsWith('{') ? closedGroup(element) : { problem: `no '{' at start of text in "${element}"` };
}
