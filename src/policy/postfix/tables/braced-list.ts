import { isSpaceCode, trimSpace } from '../../../lib/text.ts';

/** The text inside a table name of the form `{ … }`; undefined when the name has another form. */
export function bracedList(name: string): string | undefined {
  if (!name.startsWith('{')) return undefined;
  const group = closedGroup(name);
  return typeof group === 'string' ? group : undefined;
}

/** The text inside a group `{ … }`, blanks at its ends removed; or what Postfix says of a group that is not closed. */
export function closedGroup(text: string): string | { readonly problem: string } {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 123) depth++;
    else if (code === 125 && --depth === 0) {
      let rest = i + 1;
      while (rest < text.length && isSpaceCode(text.charCodeAt(rest))) rest++;
      if (rest < text.length) return { problem: `syntax error after '}' in "${text}"` };
      return trimSpace(text.slice(1, i));
    }
  }
  return { problem: `missing '}' in "${text}"` };
}
