/** Why a command was refused; decides whether warn_if_reject can turn the refusal into a warning. */
export type ErrorClass = 'policy' | 'data' | 'software' | 'resource' | 'protocol' | 'bounce';

/** A reply as the client reads it. `text` is what follows the codes; lines are joined by a line feed. */
export interface Reply {
  readonly code: number;
  readonly enhanced: string;
  readonly text: string;
}

/** Reply line length limit of the policy code, in bytes. */
const lengthLimit = 510;

const enhancedStatus = /^[245]\.\d{1,3}\.\d{1,3}(?= |$)/;

/** The enhanced status code (RFC 3463) that a text starts with, or undefined. */
export function leadingStatus(text: string): string | undefined {
  return enhancedStatus.exec(text)?.[0];
}

/** Splits `5.7.1 some text`; without a leading status the fallback stands. */
export function splitStatus(text: string, fallback: string): { readonly dsn: string; readonly text: string } {
  const dsn = leadingStatus(text);
  return dsn === undefined ? { dsn: fallback, text } : { dsn, text: text.slice(dsn.length).replace(/^[ \t]+/, '') };
}

const unavailable: Reply = { code: 450, enhanced: '4.7.1', text: 'Service unavailable' };

/**
 * The line that policy code sends for code, status and text: what cannot be a reply becomes a generic one,
 * what cannot be printed a blank. `utf8`: printable text may be UTF-8 (smtputf8_enable).
 */
export function policyReply(code: number, dsn: string, text: string, utf8: boolean, warnings: string[]): Reply {
  if (!(code >= 400 && code <= 599)) {
    warnings.push(`SMTP reply code configuration error: ${code} ${dsn} ${text}`);
    return unavailable;
  }
  if (leadingStatus(dsn) !== dsn) {
    warnings.push(`DSN detail code configuration error: ${code} ${dsn} ${text}`);
    return unavailable;
  }
  const printed = /^[\x20-\x7e]*$/.test(text) ? text : printable(text, utf8);
  return { code, enhanced: dsn, text: shorten(printed, lengthLimit - `${code} ${dsn} `.length) };
}

/** soft_bounce turns a permanent refusal into a temporary one; the class of the status follows that of the code. */
export function settle(reply: Reply, softBounce: boolean): Reply {
  const code = softBounce && reply.code >= 500 ? reply.code - 100 : reply.code;
  const first = String(code).charAt(0);
  const enhanced =
    reply.enhanced === '' || reply.enhanced.startsWith(first) ? reply.enhanced : first + reply.enhanced.slice(1);
  return code === reply.code && enhanced === reply.enhanced ? reply : { code, enhanced, text: reply.text };
}

function printable(text: string, utf8: boolean): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
  if (utf8) return text.replace(/[\x00-\x1f\x7f]/g, ' ');
  let result = '';
  for (const byte of new TextEncoder().encode(text))
    result += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ' ';
  return result;
}

function shorten(text: string, bytes: number): string {
  // A UTF-16 unit is at most three bytes of UTF-8: only long texts need counting.
  if (text.length * 3 <= bytes) return text;
  const encoded = new TextEncoder().encode(text);
  return encoded.length <= bytes ? text : new TextDecoder().decode(encoded.subarray(0, bytes)).replace(/\ufffd$/, '');
}
