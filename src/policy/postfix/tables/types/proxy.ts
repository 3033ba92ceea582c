import { alteredTable } from '../../altered.ts';
import { atLeast } from '../../version.ts';
import { opaqueTable } from '../opaque.ts';
import { fatalTable, surrogate } from '../surrogate.ts';
import type { TableType } from '../table-type.ts';

/** Of a table that proxy_read_maps does not name. */
export const notProxied = 'proxymap service is not configured for table';

/** proxymap(8) asks the table on behalf of the server; of any but those that proxy_read_maps names the server died before 3.11. */
export const proxy: TableType = {
  type: 'proxy',
  since: '2.9',
  doc: 'Another table, asked through the proxymap server.',
  open(name, host) {
    const spec = `proxy:${name}`;
    // The server strips however many of its names stand before the table's.
    if (!host.proxied(name.replace(/^(?:proxy:)+/, ''))) {
      const reason = `${notProxied} "${name}"`;
      return atLeast(host.version, '3.11') ? surrogate(spec, reason) : fatalTable(spec, reason);
    }
    // What a default names was not asked for when its source is missing; anything else is opened as it stands.
    if (host.unasked(spec))
      return opaqueTable(spec, `the source of ${spec}, which a default names, was not given`, true);
    // Up to 3.10 it reads a source without folding its keys, and is asked for folded ones.
    return alteredTable(atLeast(host.version, '3.11') ? host.open(name) : host.openAsWritten(name), { spec });
  },
};
