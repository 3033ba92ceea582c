import { readFileSync, writeFileSync } from 'node:fs';
import type { PartName } from './fixture.ts';

/** Writes into a fixture what a release answered in one of its parts, in the place of what stood there. */
export function recordReplies(file: string, part: PartName, version: string, replies: readonly string[]): void {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const start = lines.indexOf(`${part}:`);
  let end = lines.findIndex((line, index) => index > start && /^\w+:$/.test(line));
  if (end < 0) end = lines.length;
  const own = lines.slice(start, end);
  const at = own.indexOf(`  reply ${version}:`);
  if (at >= 0) {
    const next = own.findIndex((line, index) => index > at && !line.startsWith('    '));
    own.splice(at, (next < 0 ? own.length : next) - at);
  }
  while (own.at(-1) === '') own.pop();
  own.push(`  reply ${version}:`, ...replies.map((line) => `    ${line}`));
  const rest = lines.slice(end);
  writeFileSync(
    file,
    `${[...lines.slice(0, start), ...own, ...(rest.length === 0 ? [] : ['', ...rest])].join('\n')}\n`,
  );
}
