import { lineIndex } from './lines/lines.ts';
import type { RepresentativeSession } from './representative-session.ts';

/** What is asked about a whole session is asked for the sake of its recipient, and names no other value of it. */
const ofWhole = lineIndex.recipient;

/**
 * The key of an open question with the session's own values replaced by what they are: a path narrows, its values change,
 * and the same fact must get the same answer all the way. Only values of the subject in question are replaced, for
 * another may happen to be the same.
 */
export function canonical(key: string, representative: RepresentativeSession, line: number): string {
  let text = key;
  for (const [own, placeholder] of representative.texts(line < 0 ? ofWhole : line))
    text = replaced(text, own, placeholder);
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
