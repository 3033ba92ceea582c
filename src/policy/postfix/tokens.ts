import { isSpaceCode } from '../../lib/text.ts';
import { atLeast, type Version } from './version.ts';

/** Comma, space, tab, carriage return, line feed: what separates the elements of Postfix's lists. */
function isSeparator(code: number): boolean {
  return code === 44 || code === 32 || code === 9 || code === 13 || code === 10;
}

const open = 123;
const close = 125;

/**
 * The elements of a list value. From 3.0 on, separators inside balanced `{ }` belong to the element and the braces
 * stay in it; a closing brace outside is an ordinary character; an open one that never closes runs to the end.
 */
export function tokens(text: string, version: Version): string[] {
  return split(text, isSeparator, atLeast(version, '3.0'));
}

/** The arguments of a master.cf line: split at blanks only, with `{ }` grouping from 3.0 on. */
export function argumentTokens(text: string, version: Version): string[] {
  return split(text, isSpaceCode, atLeast(version, '3.0'));
}

function split(text: string, separates: (code: number) => boolean, grouping: boolean): string[] {
  const found: string[] = [];
  let at = 0;
  while (at < text.length) {
    while (at < text.length && separates(text.charCodeAt(at))) at++;
    if (at === text.length) break;
    const start = at;
    for (let depth = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (grouping && code === open) depth++;
      else if (depth > 0 && code === close) depth--;
      else if (depth === 0 && separates(code)) break;
    }
    found.push(text.slice(start, at));
  }
  return found;
}
