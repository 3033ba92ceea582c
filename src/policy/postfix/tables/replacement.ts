/** The right-hand side of a pattern rule: text and the numbers of the groups to put in. */
export type Replacement = readonly (string | number)[];

/**
 * Reads `$1`, `${1}`, `$(1)` and `$$` (regexp_table(5), "TEXT SUBSTITUTION"); anything else after a `$` makes the rule
 * unusable, and the reason is what Postfix warns of.
 */
export function readReplacement(text: string, groups: number): Replacement | { readonly problem: string } {
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
export function substitute(replacement: Replacement, match: readonly (string | undefined)[]): string {
  let result = '';
  for (const part of replacement) result += typeof part === 'string' ? part : (match[part] ?? '');
  return result;
}
