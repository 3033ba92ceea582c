import { KeyIndex } from '../key-index.ts';
import { keyedTable } from '../keyed.ts';
import type { TableType } from '../table-type.ts';

export const internal: TableType = {
  type: 'internal',
  since: '2.9',
  doc: "A table in a program's memory, empty when the program starts.",
  open: (name, host) => keyedTable(`internal:${name}`, new KeyIndex(), { unicode: host.unicode, list: () => [] }),
};
