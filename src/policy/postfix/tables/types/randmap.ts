import { tokens } from '../../tokens.ts';
import { bracedList } from '../braced-list.ts';
import { opaqueTable } from '../opaque.ts';
import { surrogate } from '../surrogate.ts';
import type { TableType } from '../table-type.ts';

export const randmap: TableType = {
  type: 'randmap',
  since: '3.0',
  doc: 'One of several values, chosen at random.',
  open(name, host) {
    const spec = `randmap:${name}`;
    const body = bracedList(name);
    const values = body === undefined ? [] : tokens(body, host.version);
    const [value] = values;
    if (value === undefined) return surrogate(spec, `bad syntax: "${spec}"; need "randmap:{value...}"`);
    if (values.some((other) => other !== value)) return opaqueTable(spec, `${spec} answers at random`, false);
    return { spec, fixed: false, find: () => value, keys: () => [], warnings: [] };
  },
};
