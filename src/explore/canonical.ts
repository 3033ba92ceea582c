import { lineNames } from './lines/line.ts';
import type { StandIn } from './stand-in.ts';

/** All lines, the recipient's first: what is asked about a whole session is asked for its sake. */
const all: readonly number[] = lineNames
  .map((_, line) => lineNames.length - 1 - line)
  .sort((a, b) => rank(a) - rank(b));

function rank(line: number): number {
  return lineNames[line] === 'recipient' ? 0 : 1;
}

/**
 * The key of an open question with the session's own values replaced by what they are: a path narrows, its values change,
 * and the same fact must get the same answer all the way. Only values of the subject in question are replaced, for
 * another may happen to be the same.
 */
export function canonical(key: string, standIn: StandIn, line: number): string {
  let text = key;
  for (const each of line < 0 ? all : [line]) {
    for (const [own, placeholder] of standIn.texts(each)) text = replaced(text, own, placeholder);
  }
  return text;
}

/** The text with a value replaced where it stands by itself, not as a part of a longer name. */
function replaced(text: string, own: string, placeholder: string): string {
  let result = '';
  let from = 0;
  for (let at = text.indexOf(own); at >= 0; at = text.indexOf(own, at + own.length)) {
    const end = at + own.length;
    if (/[\w.+-]/.test(text.charAt(at - 1)) || /[\w+@-]/.test(text.charAt(end))) continue;
    result += text.slice(from, at) + placeholder;
    from = end;
  }
  return from === 0 ? text : result + text.slice(from);
}
