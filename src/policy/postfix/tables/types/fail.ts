import { TableFailure } from '../../config.ts';
import type { TableType } from '../table-type.ts';

export const fail: TableType = {
  type: 'fail',
  since: '2.9',
  doc: 'Every lookup fails; for tests of what a server does then.',
  open(name) {
    const spec = `fail:${name}`;
    return {
      spec,
      fixed: false,
      find: (key) => new TableFailure('retry', [`warning: ${spec} lookup error for "${key}"`]),
      keys: () => [],
      warnings: [],
    };
  },
};
