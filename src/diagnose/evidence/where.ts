import type { Span } from '../../lib/problem.ts';
import type { PostfixConfig } from '../../policy/postfix/config.ts';
import type { ConfigurationEvidence } from './evidence.ts';

/**
 * Where the value in force of a parameter was set, down to a word of it where that is found; undefined: nowhere, it is
 * a default.
 */
export function whereSet(
  { text, file, master }: ConfigurationEvidence,
  config: PostfixConfig,
  parameter: string,
  word?: string,
): Span | undefined {
  const origin = config.origin(parameter);
  if (origin.kind === 'default') return undefined;
  const isMaster = origin.kind === 'master.cf';
  const source = isMaster ? master?.text : text;
  if (source === undefined) return origin.where;
  const lines = source.split('\n');
  const first = origin.where.line - 1;
  const start = isMaster ? lineWith(lines, first, parameter, '=') : first;
  const found = word === undefined ? start : lineWith(lines, start, word, '');
  const column = lines[found]?.search(bounded(word ?? parameter, word === undefined && isMaster ? '=' : '')) ?? -1;
  return { file: isMaster ? (master?.file ?? file) : file, line: found + 1, column: Math.max(column, 0) + 1 };
}

/** The line of a logical line that holds a word; its first line where none does. */
function lineWith(lines: readonly string[], first: number, word: string, after: string): number {
  const pattern = bounded(word, after);
  for (let at = first; at < lines.length; at++) {
    const line = lines[at] ?? '';
    // Comments and empty lines may stand between the lines of one value (postconf(5)).
    if (at > first && !/^(?:[ \t]|#|$)/.test(line)) break;
    if (!/^\s*#/.test(line) && pattern.test(line)) return at;
  }
  return first;
}

function bounded(word: string, after: string): RegExp {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\w-])${escaped}(?![\\w-])${after === '=' ? '\\s*=' : ''}`, 'i');
}

/** The first line of a file, for what is nowhere in it. */
export function startOf({ file }: ConfigurationEvidence): Span {
  return { file, line: 1, column: 1 };
}
