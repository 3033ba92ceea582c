import { lineNames } from './lines/line.ts';
import type { StandIn } from './stand-in.ts';

/**
 * The key of an open question with the session's own values replaced by what they are: a path narrows, its values change,
 * and the same fact must get the same answer all the way. Only values of the subject in question are replaced, for
 * another may happen to be the same.
 */
export function canonical(key: string, standIn: StandIn, line: number): string {
  let text = key;
  for (let each = Math.max(line, 0); each < (line < 0 ? lineNames.length : line + 1); each++) {
    for (const [own, placeholder] of standIn.texts(each)) {
      if (text.includes(own)) text = text.replaceAll(own, placeholder);
    }
  }
  return text;
}
