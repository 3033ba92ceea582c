import { isSpaceCode, printable } from '../../lib/text.ts';

/** A logical line: its physical lines joined, without line ends, and the number of the first one (from 1). */
export type LineReader = (text: string, line: number) => void;

const hash = 35;

/**
 * Splits text into logical lines as Postfix's readllines(3) does for main.cf, master.cf and lookup tables:
 * empty lines, blank lines and lines whose first non-blank is `#` vanish, also between continuation lines; a line
 * that starts with white space continues the one before, its blanks kept; what follows a NUL byte is unseen.
 * A continuation with nothing before it goes to `orphan`. A byte order mark at the start is dropped.
 */
export function logicalLines(text: string, each: LineReader, orphan: LineReader = () => {}): void {
  let current: string | undefined;
  let first = 0;
  let line = 0;
  const flush = () => {
    if (current === undefined) return;
    const nul = current.indexOf('\0');
    const seen = nul < 0 ? current : current.slice(0, nul);
    if (isSpaceCode(current.charCodeAt(0))) orphan(seen, first);
    else each(seen, first);
  };
  for (let start = text.charCodeAt(0) === 0xfeff ? 1 : 0; start < text.length; ) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    line++;
    let blank = start;
    while (blank < end && isSpaceCode(text.charCodeAt(blank))) blank++;
    if (blank < end && text.charCodeAt(blank) !== hash) {
      if (current !== undefined && blank > start) {
        current += text.slice(start, end);
      } else {
        flush();
        current = text.slice(start, end);
        first = line;
      }
    }
    start = end + 1;
  }
  flush();
}

/** The line Postfix logs for a continuation with nothing to continue. */
export function orphanWarning(file: string, text: string): string {
  const shown = text.length > 30 ? `${text.slice(0, 30)}...` : text;
  return printable(`${file}: logical line must not start with whitespace: "${shown}"`);
}
