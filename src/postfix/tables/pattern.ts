import { opaqueTable } from './opaque.ts';
import { surrogate } from './surrogate.ts';
import type { TableType } from './table-type.ts';

const types = (['regexp', 'pcre'] as const).map(
  (type): TableType => ({
    type,
    since: '2.9',
    doc: type === 'regexp' ? 'POSIX regular expressions.' : 'Perl-compatible regular expressions.',
    open(name, host) {
      const spec = `${type}:${name}`;
      if (host.read(name) === undefined) return surrogate(spec, `open ${name}: No such file or directory`);
      return opaqueTable(spec, `${type} patterns are not evaluated`, false);
    },
  }),
);

export const [regexp, pcre] = [types[0], types[1]] as [TableType, TableType];
