const longestLabel = 63;
const longestName = 255;

/** A host name as Postfix takes it: letters, digits, `-` and `_`, labels of 1 to 63, not all digits, no dot at the end. */
export function validHostName(name: string): boolean {
  let label = 0;
  let numeric = true;
  if (name.length === 0 || name.length > longestName) return false;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code === 46) {
      if (label === 0 || i === name.length - 1) return false;
      label = 0;
      continue;
    }
    label += 1;
    if (label > longestLabel) return false;
    if (code === 45) {
      if (label === 1 || i === name.length - 1 || name.charCodeAt(i + 1) === 46) return false;
      numeric = false;
    } else if (code < 48 || code > 57) {
      if (!isNameLetter(code)) return false;
      numeric = false;
    }
  }
  return !numeric;
}

function isNameLetter(code: number): boolean {
  // Non-ASCII letters stand for A-labels, which servers from 3.0 on accept where SMTPUTF8 was agreed.
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code > 127;
}

/** The name without one trailing dot; two dots are left alone. */
export function withoutTrailingDot(name: string): string {
  return name.endsWith('.') && !name.endsWith('..') ? name.slice(0, -1) : name;
}

/** The helo name as the server keeps it: what could confuse a log line becomes a question mark. */
export function keptName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are among what is replaced
  return name.replace(/[\x00-\x20<>()\\";@\x7f-\uffff]/g, '?');
}
