import type { Table } from '../config.ts';
import { within } from '../version.ts';
import { opaqueTable } from './opaque.ts';
import { fatalTable, surrogate } from './surrogate.ts';
import type { TableHost, TableType } from './table-type.ts';
import { cidr } from './types/cidr.ts';
import { compiledTypes } from './types/compiled.ts';
import { pipemap, unionmap } from './types/composed.ts';
import { debug } from './types/debug.ts';
import { fail } from './types/fail.ts';
import { inline } from './types/inline.ts';
import { internal } from './types/internal.ts';
import { pcre, regexp } from './types/pattern.ts';
import { proxy } from './types/proxy.ts';
import { randmap } from './types/randmap.ts';
import { remoteTypes } from './types/remote.ts';
import { staticTable } from './types/static.ts';
import { texthash } from './types/texthash.ts';

/** The lookup table types of Postfix, in the order in which documentation lists them. */
export const tableTypes: readonly TableType[] = [
  ...compiledTypes,
  texthash,
  inline,
  staticTable,
  cidr,
  regexp,
  pcre,
  unionmap,
  pipemap,
  randmap,
  fail,
  internal,
  ...remoteTypes,
  proxy,
  debug,
];

const byType: ReadonlyMap<string, TableType> = new Map(tableTypes.map((row) => [row.type, row]));

/** Tables in tables: as many as a person would write, and far fewer than would fill the stack. */
const deepest = 200;
const nesting = /(?:unionmap|pipemap|proxy|debug):/g;

/** Opens `type:name`. What cannot be opened is a table too: each of its lookups is the failure Postfix would see. */
export function openTable(spec: string, host: TableHost): Table {
  const colon = spec.indexOf(':');
  const type = spec.slice(0, colon);
  const name = spec.slice(colon + 1);
  if (colon <= 0 || name === '') {
    return fatalTable(spec, `open dictionary: expecting "type:name" form instead of "${spec}"`);
  }
  if (spec.length > deepest && (spec.match(nesting)?.length ?? 0) > deepest) {
    return opaqueTable(spec, `more than ${deepest} tables stand in each other`, false);
  }
  const row = byType.get(type);
  if (row === undefined || !within(host.version, row)) {
    return surrogate(spec, `unsupported dictionary type: ${type}`);
  }
  return row.open(name, host);
}
