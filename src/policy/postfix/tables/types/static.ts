import { atLeast } from '../../version.ts';
import { closedGroup } from '../braced-list.ts';
import { surrogate } from '../surrogate.ts';
import type { TableType } from '../table-type.ts';

/** Answers every key with its own name. From 3.0 on the name may stand in braces, to hold blanks. */
export const staticTable: TableType = {
  type: 'static',
  since: '2.9',
  doc: 'Always the same value, which is the name of the table.',
  open(name, host) {
    const spec = `static:${name}`;
    let value = name;
    if (atLeast(host.version, '3.0') && name.startsWith('{')) {
      const group = closedGroup(name);
      if (typeof group !== 'string') return surrogate(spec, `bad static:name syntax: ${group.problem}`);
      value = group;
    }
    return { spec, fixed: true, find: () => value, keys: () => [], warnings: [] };
  },
};
