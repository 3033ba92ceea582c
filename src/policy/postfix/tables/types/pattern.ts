import type { Problem } from '../../../../lib/problem.ts';
import type { Table } from '../../config.ts';
import { compileCaptures, countGroups } from '../captures.ts';
import { compileExpression, type Expression, type Matcher } from '../expression.ts';
import { lineWarning } from '../line-warning.ts';
import { opaqueTable } from '../opaque.ts';
import { type PatternLine, patternLines, type WrittenPattern } from '../pattern-rules.ts';
import { readPattern, Untranslatable } from '../pattern-syntax.ts';
import { ruleSource } from '../rule-source.ts';
import type { TableHost, TableType } from '../table-type.ts';

export const regexp: TableType = {
  type: 'regexp',
  since: '2.9',
  doc: 'POSIX regular expressions, the first match decides.',
  open: (name, host) => openPatterns('regexp', name, host),
};

export const pcre: TableType = {
  type: 'pcre',
  since: '2.9',
  doc: 'Perl-compatible regular expressions, the first match decides.',
  open: (name, host) => openPatterns('pcre', name, host),
};

/** A rule that can be run: all tests must hold; `endif` is where an `if` that fails goes on. */
type Rule =
  | { readonly kind: 'rule'; readonly tests: readonly Test[]; readonly value: Replacement; readonly groups?: RegExp }
  | { readonly kind: 'if'; readonly test: Test; endif: number }
  | { readonly kind: 'endif' };

interface Test {
  readonly matches: Matcher;
  readonly negated: boolean;
}

function openPatterns(type: 'regexp' | 'pcre', name: string, host: TableHost): Table {
  const spec = `${type}:${name}`;
  const source = ruleSource(type, name, host);
  if ('table' in source) return source.table;
  const warnings: Problem[] = [];
  const warn = (message: string, line: number) => warnings.push(lineWarning(name, line, message));
  const rules: Rule[] = [];
  const open: { endif: number }[] = [];
  for (const line of patternLines(source.text, name, type, host.version, warn)) {
    try {
      const skipped = (message: string) => warn(`${type} map ${name}, line ${line.line}: ${message}`, line.line);
      const rule = compileRule(line, type, skipped);
      if (rule === undefined) continue;
      if (rule.kind === 'if') open.push(rule);
      const closed = rule.kind === 'endif' ? open.pop() : undefined;
      if (closed !== undefined) closed.endif = rules.length;
      rules.push(rule);
    } catch (error) {
      if (!(error instanceof Untranslatable)) throw error;
      const reason = `line ${line.line} of ${name}: the pattern ${error.message}, whose meaning is not certain here`;
      return { ...opaqueTable(spec, reason, false), warnings };
    }
  }
  for (const rule of open) rule.endif = rules.length;
  const characters = type === 'pcre' && host.unicode;
  const values = fixedValues(rules);
  return {
    spec,
    fixed: false,
    find: (key) => firstMatch(rules, key, characters),
    // Which keys patterns match cannot be listed, but where there are none.
    ...(rules.length === 0 ? { keys: () => [] } : {}),
    ...(values === undefined ? {} : { values: () => values }),
    warnings,
  };
}

/** The right-hand sides, where none of them holds a part of the key. */
function fixedValues(rules: readonly Rule[]): readonly string[] | undefined {
  const values: string[] = [];
  for (const rule of rules) {
    if (rule.kind !== 'rule') continue;
    if (rule.groups !== undefined) return undefined;
    values.push(rule.value.join(''));
  }
  return values;
}

function compileRule(line: PatternLine, type: 'regexp' | 'pcre', warn: (message: string) => void): Rule | undefined {
  if (line.kind === 'endif') return { kind: 'endif' };
  if (line.kind === 'if') return { kind: 'if', test: testOf(line.pattern, read(line.pattern, type)), endif: 0 };
  const expressions = line.patterns.map((pattern) => read(pattern, type));
  const [first] = line.patterns;
  const [main] = expressions;
  if (first === undefined || main === undefined) return undefined;
  const value = readReplacement(line.value, countGroups(main));
  if ('problem' in value) {
    warn(`${value.problem}: skipping this rule`);
    return undefined;
  }
  const tests = line.patterns.map((pattern, index) => testOf(pattern, expressions[index] ?? main));
  if (!value.some((part) => typeof part === 'number')) return { kind: 'rule', tests, value };
  if (first.negated) {
    warn('$number found in negative match replacement text: skipping this rule');
    return undefined;
  }
  const groups = compileCaptures(main, type === 'pcre' ? 'perl' : 'posix');
  if (groups === undefined) throw new Untranslatable('may divide the text into groups in several ways');
  return { kind: 'rule', tests, value, groups };
}

function read(pattern: WrittenPattern, type: 'regexp' | 'pcre'): Expression {
  const toggled = (flag: string) => [...pattern.flags].filter((each) => each === flag).length % 2 === 1;
  // Flags that change nothing for keys without line breaks (m, s, E, X) or for a match as such (U) are passed over.
  if (toggled('x')) throw new Untranslatable(type === 'pcre' ? 'has the flag "x"' : 'is in basic syntax (flag "x")');
  if (toggled('A')) throw new Untranslatable('has the flag "A"');
  if (toggled('U') && /[*+?{]/.test(pattern.pattern)) throw new Untranslatable('has the flag "U"');
  return readPattern(pattern.pattern, type === 'pcre' ? 'perl' : 'posix', !toggled('i'));
}

function testOf(pattern: WrittenPattern, expression: Expression): Test {
  const matches = compileExpression(expression);
  if (matches === undefined) throw new Untranslatable('is too large');
  return { matches, negated: pattern.negated };
}

function firstMatch(rules: readonly Rule[], key: string, characters: boolean): string | undefined {
  const codes = characters ? Array.from(key, (character) => character.codePointAt(0) ?? 0) : bytes(key);
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i];
    if (rule === undefined || rule.kind === 'endif') continue;
    if (rule.kind === 'if') {
      if (rule.test.matches(codes) === rule.test.negated) i = rule.endif;
      continue;
    }
    if (rule.tests.some((test) => test.matches(codes) === test.negated)) continue;
    return substitute(rule.value, rule.groups?.exec(key) ?? []);
  }
  return undefined;
}

/** UTF-8 bytes, which is what regexp tables see. */
function bytes(text: string): readonly number[] {
  const codes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) codes.push(code);
    else if (code < 0x800) codes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) codes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else codes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return codes;
}

/** The right-hand side of a pattern rule: text and the numbers of the groups to put in. */
type Replacement = readonly (string | number)[];

/**
 * Reads `$1`, `${1}`, `$(1)` and `$$` (regexp_table(5), "TEXT SUBSTITUTION"); anything else after a `$` makes the rule
 * unusable, and the reason is what Postfix warns of.
 */
function readReplacement(text: string, groups: number): Replacement | { readonly problem: string } {
  const parts: (string | number)[] = [];
  let at = 0;
  while (at < text.length) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0) break;
    if (dollar > at) parts.push(text.slice(at, dollar));
    if (text[dollar + 1] === '$') {
      parts.push('$');
      at = dollar + 2;
      continue;
    }
    const match = /^\$(?:([A-Za-z0-9_]+)|\{([^{}]*)\}|\(([^()]*)\))/.exec(text.slice(dollar));
    const name = match?.[1] ?? match?.[2] ?? match?.[3];
    if (match === null || name === undefined || name === '') return { problem: 'bad replacement syntax' };
    if (!/^[0-9]+$/.test(name)) return { problem: `non-numeric replacement index "${name}"` };
    const number = Number(name);
    if (number < 1 || number > groups) return { problem: `out of range replacement index "${name}"` };
    parts.push(number);
    at = dollar + match[0].length;
  }
  if (at < text.length) parts.push(text.slice(at));
  return parts;
}

/** The result for one match; a group that took no part is empty. */
function substitute(replacement: Replacement, match: readonly (string | undefined)[]): string {
  let result = '';
  for (const part of replacement) result += typeof part === 'string' ? part : (match[part] ?? '');
  return result;
}
