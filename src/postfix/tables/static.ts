import { trimSpace } from '../../lib/text.ts';
import { atLeast } from '../version.ts';
import type { TableType } from './table-type.ts';

/** Answers every key with its own name. From 3.0 on the name may stand in braces, to hold blanks. */
export const staticTable: TableType = {
  type: 'static',
  since: '2.9',
  doc: 'Always the same value, which is the name of the table.',
  open(name, host) {
    const braced = atLeast(host.version, '3.0') && name.startsWith('{') && name.endsWith('}');
    const value = braced ? trimSpace(name.slice(1, -1)) : name;
    return { spec: `static:${name}`, fixed: true, find: () => value, warnings: [] };
  },
};
