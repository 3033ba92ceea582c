import { isSpaceCode, trimEnd } from '../../../lib/text.ts';
import { logicalLines, orphanWarning } from '../logical-lines.ts';
import { atLeast, type Version } from '../version.ts';

/** A pattern as written, with its flags and whether `!` negates it. */
export interface WrittenPattern {
  readonly pattern: string;
  readonly flags: string;
  readonly negated: boolean;
}

/** One line of a pattern table. */
export type PatternLine =
  | {
      readonly kind: 'rule';
      readonly patterns: readonly WrittenPattern[];
      readonly value: string;
      readonly line: number;
    }
  | { readonly kind: 'if'; readonly pattern: WrittenPattern; readonly line: number }
  | { readonly kind: 'endif'; readonly line: number };

/** Reads the source of a regexp or pcre table (regexp_table(5), pcre_table(5)) into rules; bad ones are warned of. */
export function patternLines(
  text: string,
  file: string,
  type: 'regexp' | 'pcre',
  version: Version,
  warn: (message: string, line: number) => void,
): readonly PatternLine[] {
  const lines: PatternLine[] = [];
  const open: number[] = [];
  logicalLines(
    text,
    (line, number) => {
      const complain = (message: string) => warn(`${type} map ${file}, line ${number}: ${message}`, number);
      if (!isAlnum(line.charCodeAt(0))) {
        const rule = readRule(line, number, type, version, complain);
        if (rule !== undefined) lines.push(rule);
      } else if (/^if(?![A-Za-z0-9])/i.test(line)) {
        const found = takePattern(line, spaceEnd(line, 2), type, version);
        if (typeof found === 'string') {
          complain(`${found}: skipping this rule`);
          return;
        }
        if (trimEnd(line.slice(found.end)) !== '') complain('ignoring extra text after IF pattern');
        open.push(number);
        lines.push({ kind: 'if', pattern: found.pattern, line: number });
      } else if (/^endif(?![A-Za-z0-9])/i.test(line)) {
        if (trimEnd(line).length > 5) complain('ignoring extra text after ENDIF');
        if (open.pop() === undefined) complain('ignoring ENDIF without matching IF');
        else lines.push({ kind: 'endif', line: number });
      } else {
        complain('ignoring unrecognized request');
      }
    },
    (line, number) => warn(orphanWarning(file, line), number),
  );
  for (const number of open) warn(`${type} map ${file}, line ${number}: IF has no matching ENDIF`, number);
  return lines;
}

function readRule(
  line: string,
  number: number,
  type: 'regexp' | 'pcre',
  version: Version,
  complain: (message: string) => void,
): PatternLine | undefined {
  const first = takePattern(line, 0, type, version);
  if (typeof first === 'string') {
    complain(`${first}: skipping this rule`);
    return undefined;
  }
  const patterns = [first.pattern];
  let { end } = first;
  if (type === 'regexp' && line[end] === '!') {
    const second = takePattern(line, end, type, version);
    if (typeof second === 'string') {
      complain(`${second}: skipping this rule`);
      return undefined;
    }
    patterns.push(second.pattern);
    end = second.end;
  }
  const value = trimEnd(line.slice(spaceEnd(line, end)));
  if (value === '') complain('no replacement text: using empty string');
  return { kind: 'rule', patterns, value, line: number };
}

/** The pattern at a place, with its delimiters, negation and flags; or why there is none. */
function takePattern(
  line: string,
  start: number,
  type: 'regexp' | 'pcre',
  version: Version,
): { readonly pattern: WrittenPattern; readonly end: number } | string {
  let at = start;
  let negated = false;
  if (atLeast(version, '3.2')) {
    for (; at < line.length && (line[at] === '!' || isSpaceCode(line.charCodeAt(at))); at++) {
      if (line[at] === '!') negated = !negated;
    }
  } else if (line[at] === '!') {
    negated = true;
    at = spaceEnd(line, at + 1);
  }
  const delimiter = line[at];
  if (delimiter === undefined) return 'no regexp';
  let close = at + 1;
  for (; close < line.length && line[close] !== delimiter; close++) if (line[close] === '\\') close++;
  if (close >= line.length) return `no closing regexp delimiter "${delimiter}"`;
  let end = close + 1;
  while (end < line.length && !isSpaceCode(line.charCodeAt(end)) && (type === 'pcre' || line[end] !== '!')) end++;
  const flags = line.slice(close + 1, end);
  const unknown = [...flags].find((flag) => !(type === 'regexp' ? 'imx' : 'imsxAEUX').includes(flag));
  if (unknown !== undefined) return `unknown regexp option "${unknown}"`;
  return { pattern: { pattern: line.slice(at + 1, close), flags, negated }, end };
}

function spaceEnd(line: string, start: number): number {
  let end = start;
  while (end < line.length && isSpaceCode(line.charCodeAt(end))) end++;
  return end;
}

function isAlnum(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}
