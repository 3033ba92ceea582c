import { opaqueTable } from './opaque.ts';
import { fatalTable } from './surrogate.ts';
import type { TableType } from './table-type.ts';

/** proxymap(8) asks the table on behalf of the server; it serves only what proxy_read_maps names. */
export const proxy: TableType = {
  type: 'proxy',
  since: '2.9',
  doc: 'Another table, asked through the proxymap server.',
  open(name, host) {
    const spec = `proxy:${name}`;
    if (!host.proxied(name)) {
      return fatalTable(spec, `proxymap service is not configured for table "${name}"`);
    }
    // What a default names was not asked for when its source is missing; anything else is opened as it stands.
    if (host.unasked(spec))
      return opaqueTable(spec, `the source of ${spec}, which a default names, was not given`, true);
    const { entries, ...table } = host.open(name);
    return { ...table, spec, ...(entries === undefined ? {} : { entries }) };
  },
};
