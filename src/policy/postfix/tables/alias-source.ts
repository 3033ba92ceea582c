import { trimSpace } from '../../../lib/text.ts';
import { logicalLines, orphanWarning } from '../logical-lines.ts';
import type { Version } from '../version.ts';
import type { SourceEntry } from './postmap-source.ts';

/**
 * Reads the text postalias(1) compiles, aliases(5): `name: value, value`, where a name with special characters is
 * quoted. The quotes do not belong to the key.
 */
export function aliasSource(
  text: string,
  file: string,
  _version: Version,
  each: SourceEntry,
  warn: (message: string, line: number) => void,
): void {
  logicalLines(
    text,
    (line, number) => {
      const match = /^(?:"((?:[^"\\]|\\.)*)"|([^":]*?))[ \t]*:(.*)$/s.exec(line);
      const key = match?.[1]?.replace(/\\(.)/gs, '$1') ?? match?.[2] ?? '';
      const value = trimSpace(match?.[3] ?? '');
      if (key === '' || value === '') {
        warn(`${file}, line ${number}: need name:value pair`, number);
        return;
      }
      each(key, value, number);
    },
    (line, number) => warn(orphanWarning(file, line), number),
  );
}
