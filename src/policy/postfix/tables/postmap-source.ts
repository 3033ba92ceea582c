import { isSpaceCode, trimEnd } from '../../../lib/text.ts';
import { logicalLines, orphanWarning } from '../logical-lines.ts';
import { atLeast, type Version } from '../version.ts';

/** Receives each usable `key value` line, in file order. */
export type SourceEntry = (key: string, value: string, line: number) => void;

/**
 * Reads the text postmap(1) compiles: `key whitespace value`. From 3.2 on, blanks inside double quotes or after a
 * backslash do not end the key; quotes and backslashes stay part of it. Unusable lines are skipped with a warning.
 */
export function postmapSource(
  text: string,
  file: string,
  version: Version,
  each: SourceEntry,
  warn: (message: string, line: number) => void,
): void {
  const quoting = atLeast(version, '3.2');
  logicalLines(
    text,
    (line, number) => {
      const end = quoting ? quotedKeyEnd(line) : plainKeyEnd(line);
      if (end < 0) {
        warn(`${file}, line ${number}: unbalanced '"' in '${line}' -- ignoring this line`, number);
        return;
      }
      let start = end;
      while (start < line.length && isSpaceCode(line.charCodeAt(start))) start++;
      const value = trimEnd(line.slice(start));
      if (value === '' || end === 0) {
        warn(`${file}, line ${number}: expected format: key whitespace value`, number);
        return;
      }
      const key = line.slice(0, end);
      if (key.charCodeAt(end - 1) === 58) {
        warn(`${file}, line ${number}: record is in "key: value" format; is this an alias file?`, number);
      }
      each(key, value, number);
    },
    (line, number) => warn(orphanWarning(file, line), number),
  );
}

function plainKeyEnd(line: string): number {
  let end = 0;
  while (end < line.length && !isSpaceCode(line.charCodeAt(end))) end++;
  return end;
}

function quotedKeyEnd(line: string): number {
  let quoted = false;
  let end = 0;
  for (; end < line.length; end++) {
    const code = line.charCodeAt(end);
    if (code === 92) end++;
    else if (code === 34) quoted = !quoted;
    else if (!quoted && isSpaceCode(code)) break;
  }
  if (quoted) return -1;
  return Math.min(end, line.length);
}
