import type { CharacterSet, Expression } from './expression.ts';

/** Most unbounded repetitions for which a backtracking search of a mail address is still quick. */
const mostUnbounded = 3;

/**
 * A search that also yields what the groups matched, for results that use `$1`; undefined where leftmost-longest and
 * first-match engines could divide the text differently, or a search could take long: choices, repeated groups, lazy or
 * many unbounded repetitions.
 */
export function compileCaptures(expression: Expression): RegExp | undefined {
  const count = { unbounded: 0 };
  const source = sourceOf(expression, count);
  return source === undefined || count.unbounded > mostUnbounded ? undefined : new RegExp(source);
}

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

function sourceOf(expression: Expression, count: { unbounded: number }): string | undefined {
  switch (expression.kind) {
    case 'start':
      return '^';
    case 'end':
      return '$';
    case 'set':
      return setSource(expression.set);
    case 'choice':
      return undefined;
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
      if (expression.body.kind !== 'set' || expression.lazy) return undefined;
      const unbounded = expression.max === Number.POSITIVE_INFINITY;
      if (unbounded) count.unbounded++;
      return `${setSource(expression.body.set)}{${expression.min},${unbounded ? '' : expression.max}}`;
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
