/** White space as C's isspace() takes it: what Postfix calls a blank when it splits lines and names. */
export function isSpaceCode(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** The text without white space at its end. */
export function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpaceCode(text.charCodeAt(end - 1))) end--;
  return end === text.length ? text : text.slice(0, end);
}

/** The text without white space at either end. */
export function trimSpace(text: string): string {
  let start = 0;
  while (start < text.length && isSpaceCode(text.charCodeAt(start))) start++;
  return trimEnd(start === 0 ? text : text.slice(start));
}

/** Lower case for A to Z only, as Postfix folds text where no Unicode is in force. */
export function foldAscii(text: string): string {
  let upper = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
    if (code >= 65 && code <= 90) upper = true;
  }
  return upper ? text.toLowerCase() : text;
}

const nothing: ReadonlySet<string> = new Set();

/**
 * The same text, ready to be looked up: a string's hash is worked out when it is first asked for and kept with it, so
 * that who reads a text ahead of time can have that done as well.
 */
export function readied(text: string): string {
  nothing.has(text);
  return text;
}

/**
 * Case folding of lookup keys: ASCII as is, other text by Unicode when `unicode` is in force (smtputf8_enable).
 * JavaScript has no case folding, so lower-upper-lower stands in; it merges what folding merges (ß and ss, ſ and s),
 * and the final sigma, which depends on its neighbours there, is corrected here.
 */
export function foldCase(text: string, unicode: boolean): string {
  if (!unicode) return foldAscii(text);
  let upper = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return text.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ');
    if (code >= 65 && code <= 90) upper = true;
  }
  return upper ? text.toLowerCase() : text;
}

/** The text with every byte that is not printable ASCII shown as `?`, as Postfix prints it in log lines. */
export function printable(text: string): string {
  return text.replace(/[^ -~]/gu, (character) => '?'.repeat(utf8Length(character.codePointAt(0) ?? 0)));
}

function utf8Length(code: number): number {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

/** A date as certificates have it: ISO 8601 in UTC without fractions of a second. */
export function isoSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** As one word of a command line for sh(1), quoted where it has to be. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_@:,./=+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
