type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or }' | 'comma or ]' | 'end';

const blank = /[ \t\r\n]*/y;
const token =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings hold none (RFC 8259 section 7)
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null|[[\]{}:,]/y;

/**
 * Where a text stops being JSON (RFC 8259): the offset of the first token that cannot stand there, or the length of the text when it
 * is only cut short. The engine's own messages tell this for some errors and not for others.
 */
export function jsonErrorAt(text: string): number {
  const open: ('}' | ']')[] = [];
  let expected: Expected = 'value';
  const afterValue = (): Expected => (open.length === 0 ? 'end' : open.at(-1) === '}' ? 'comma or }' : 'comma or ]');
  for (let at = skip(blank, text, 0); at < text.length; at = skip(blank, text, at)) {
    const end = skip(token, text, at);
    if (end === at) return isCutToken(text.slice(at)) ? text.length : at;
    const found = text.slice(at, end);
    if (found === '{' || found === '[') {
      if (!expected.startsWith('value')) return at;
      open.push(found === '{' ? '}' : ']');
      expected = found === '{' ? 'key or }' : 'value or ]';
    } else if (found === '}' || found === ']') {
      if (!expected.endsWith(`or ${found}`)) return at;
      open.pop();
      expected = afterValue();
    } else if (found === ':') {
      if (expected !== 'colon') return at;
      expected = 'value';
    } else if (found === ',') {
      if (!expected.startsWith('comma')) return at;
      expected = open.at(-1) === '}' ? 'key' : 'value';
    } else if (expected.startsWith('key') && found.startsWith('"')) {
      expected = 'colon';
    } else {
      if (!expected.startsWith('value')) return at;
      expected = afterValue();
    }
    if (/[0-9]$/.test(found) && /^(?:\.|[eE][+-]?)$/.test(text.slice(end))) return text.length;
    at = end;
  }
  return text.length;
}

function skip(form: RegExp, text: string, at: number): number {
  form.lastIndex = at;
  const match = form.exec(text);
  return match === null ? at : at + match[0].length;
}

/** The rest of the text could be the beginning of a string, a number or a word. */
function isCutToken(rest: string): boolean {
  return (
    // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings hold none (RFC 8259 section 7)
    /^"(?:[^"\\\u0000-\u001f]|\\.)*\\?$/.test(rest) ||
    rest === '-' ||
    ['true', 'false', 'null'].some((word) => word.startsWith(rest))
  );
}
