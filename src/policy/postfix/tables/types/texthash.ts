import type { Problem } from '../../../../lib/problem.ts';
import { foldCase } from '../../../../lib/text.ts';
import type { TableEntry } from '../../config.ts';
import { atLeast } from '../../version.ts';
import { KeyIndex } from '../key-index.ts';
import { keyedTable } from '../keyed.ts';
import { lineWarning } from '../line-warning.ts';
import { postmapSource } from '../postmap-source.ts';
import { fatalTable, surrogate } from '../surrogate.ts';
import type { TableType } from '../table-type.ts';

/** The postmap source format, read by each program when it starts. Two entries with one key spoil the whole table. */
export const texthash: TableType = {
  type: 'texthash',
  since: '2.9',
  doc: 'Text file in the format of postmap(1), read when a program starts; needs no compilation.',
  open(name, host) {
    const spec = `texthash:${name}`;
    const text = host.read(name);
    if (text === undefined) return host.absent(spec, true, `open database ${name}: No such file or directory`);
    const index = new KeyIndex();
    const lines: number[] = [];
    const warnings: Problem[] = [];
    const duplicates: { readonly key: string; readonly line: number }[] = [];
    postmapSource(
      text,
      name,
      host.version,
      (key, value, line) => {
        const folded = host.keysAsWritten === true ? key : foldCase(key, host.unicode);
        if (index.add(folded, value)) lines.push(line);
        else duplicates.push({ key: folded, line });
      },
      (message, line) => {
        const skipped = message.endsWith('key whitespace value') ? `${message} -- ignoring this line` : message;
        warnings.push(lineWarning(name, line, skipped));
      },
    );
    const [duplicate] = duplicates;
    if (duplicate !== undefined) {
      const reason = `${name}, line ${duplicate.line}: duplicate entry: "${duplicate.key}"`;
      return atLeast(host.version, '3.0')
        ? surrogate(spec, reason, { file: name, line: duplicate.line })
        : fatalTable(spec, reason);
    }
    return keyedTable(spec, index, {
      unicode: host.unicode,
      warnings,
      list: () =>
        index.keys.map((key, i): TableEntry => {
          return { key, value: index.values[i] ?? '', where: { file: name, line: lines[i] ?? 1, column: 1 } };
        }),
    });
  },
};
