import { alteredTable } from '../../altered.ts';
import type { TableType } from '../table-type.ts';

export const debug: TableType = {
  type: 'debug',
  since: '3.11',
  doc: 'Another table, with its requests logged.',
  open: (name, host) => alteredTable(host.open(name), { spec: `debug:${name}` }),
};
