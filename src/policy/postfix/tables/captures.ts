import type { CharacterSet, Expression } from './expression.ts';
import type { Dialect } from './pattern-syntax.ts';

/** Most unbounded repetitions for which a backtracking search of a mail address is still quick. */
const mostUnbounded = 3;

/**
 * A search that also yields what the groups matched, for results that use `$1`; undefined where this program's engine
 * might divide the text differently from Postfix's, or take long: repeated groups, many unbounded repetitions, and for
 * POSIX, whose engine looks for the longest match where this one takes the first, choices that could go either way.
 */
export function compileCaptures(expression: Expression, dialect: Dialect): RegExp | undefined {
  const count: Count = { unbounded: 0, dialect };
  const source = sourceOf(expression, count);
  return source === undefined || count.unbounded > mostUnbounded ? undefined : new RegExp(source);
}

/** How many groups of an expression capture: `$1` up to that number may be named on the right-hand side. */
export function countGroups(expression: Expression): number {
  switch (expression.kind) {
    case 'group':
      return (expression.capture ? 1 : 0) + countGroups(expression.body);
    case 'repeat':
      return countGroups(expression.body);
    case 'sequence':
    case 'choice':
      return expression.parts.reduce((sum, part) => sum + countGroups(part), 0);
    default:
      return 0;
  }
}

interface Count {
  unbounded: number;
  readonly dialect: Dialect;
}

function sourceOf(expression: Expression, count: Count): string | undefined {
  switch (expression.kind) {
    case 'start':
      return '^';
    case 'end':
      return '$';
    case 'set':
      return setSource(expression.set);
    case 'choice': {
      if (count.dialect === 'posix' && !decided(expression.parts)) return undefined;
      const sources = expression.parts.map((part) => sourceOf(part, count));
      return sources.includes(undefined) ? undefined : `(?:${sources.join('|')})`;
    }
    case 'group': {
      const body = sourceOf(expression.body, count);
      return body === undefined ? undefined : `(${expression.capture ? '' : '?:'}${body})`;
    }
    case 'sequence': {
      let source = '';
      for (const part of expression.parts) {
        const piece = sourceOf(part, count);
        if (piece === undefined) return undefined;
        source += piece;
      }
      return source;
    }
    case 'repeat': {
      if (expression.body.kind !== 'set' || (expression.lazy && count.dialect === 'posix')) return undefined;
      const unbounded = expression.max === Number.POSITIVE_INFINITY;
      if (unbounded) count.unbounded++;
      return `${setSource(expression.body.set)}{${expression.min},${unbounded ? '' : expression.max}}${expression.lazy ? '?' : ''}`;
    }
  }
}

/** The set as a JavaScript character class, by number, so that nothing in it can be taken for syntax. */
function setSource(set: CharacterSet): string {
  let source = '';
  for (let code = 0; code < 128; code++) {
    if (set.ascii[code] === true) source += `\\x${code.toString(16).padStart(2, '0')}`;
  }
  return `[${source}${set.others ? '\\x80-\\uffff' : ''}]`;
}

/** True when the next character alone tells which alternative it is, so that no engine has a choice. */
function decided(alternatives: readonly Expression[]): boolean {
  const taken = new Array<boolean>(129).fill(false);
  for (const alternative of alternatives) {
    const first = firstOf(alternative);
    if (first === undefined) return false;
    for (let code = 0; code <= 128; code++) {
      const member = code < 128 ? first.ascii[code] === true : first.others;
      if (member && taken[code] === true) return false;
      taken[code] ||= member;
    }
  }
  return true;
}

/** The characters an expression can begin with, where that is plain to see; undefined otherwise. */
function firstOf(expression: Expression): CharacterSet | undefined {
  if (expression.kind === 'set') return expression.set;
  if (expression.kind === 'group') return firstOf(expression.body);
  if (expression.kind === 'repeat') return expression.min > 0 ? firstOf(expression.body) : undefined;
  if (expression.kind !== 'sequence') return undefined;
  const [head] = expression.parts;
  return head === undefined ? undefined : firstOf(head);
}
