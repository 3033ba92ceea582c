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

/** The enhanced status code (RFC 3463) that a text starts with, or undefined. */
function leadingStatus(text: string): string | undefined {
  const end = statusEnd(text);
  return end < 0 ? undefined : text.slice(0, end);
}

/** Where the status `[245].N.N` ends that a text starts with, before a blank or the end of the text; -1 without one. */
function statusEnd(text: string): number {
  const first = text.charCodeAt(0);
  if ((first !== 50 && first !== 52 && first !== 53) || text.charCodeAt(1) !== 46) return -1;
  const dot = digitsEnd(text, 2);
  if (dot < 0 || text.charCodeAt(dot) !== 46) return -1;
  const end = digitsEnd(text, dot + 1);
  return end === text.length || /\s/.test(text.charAt(end)) ? end : -1;
}

/** Behind the one to three digits at `start`; -1 when there are fewer or more. */
function digitsEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++;
  return end === start || end > start + 3 ? -1 : end;
}

/** Splits `5.7.1 some text`, whatever blanks stand before either; without a leading status the fallback stands. */
export function splitStatus(text: string, fallback: string): { readonly dsn: string; readonly text: string } {
  const bare = withoutBlanks(text);
  const dsn = leadingStatus(bare);
  return dsn === undefined ? { dsn: fallback, text: bare } : { dsn, text: withoutBlanks(bare.slice(dsn.length)) };
}

/** Only what isspace(3) takes for blanks; JavaScript knows more. */
function withoutBlanks(text: string): string {
  return text.replace(/^[ \t\n\v\f\r]+/, '');
}

const unavailable: Reply = { code: 450, enhanced: '4.7.1', text: 'Service unavailable' };

/**
 * The line that policy code sends for code, status and text: what cannot be a reply becomes a generic one,
 * what cannot be printed a blank. `utf8`: printable text may be UTF-8 (smtputf8_enable). `about`: what stands in angle
 * brackets before the text.
 */
export function policyReply(
  code: number,
  dsn: string,
  text: string,
  utf8: boolean,
  warnings: string[],
  about?: string,
): Reply {
  if (!(code >= 400 && code <= 599)) {
    warnings.push(`SMTP reply code configuration error: ${code} ${dsn} ${whole(text, about)}`);
    return unavailable;
  }
  if (statusEnd(dsn) !== dsn.length) {
    warnings.push(`DSN detail code configuration error: ${code} ${dsn} ${whole(text, about)}`);
    return unavailable;
  }
  return new PolicyReply(code, dsn, text, utf8, about);
}

function whole(text: string, about: string | undefined): string {
  return about === undefined ? text : `<${about}>: ${text}`;
}

/** A refusal whose text is put in order when somebody reads it: of many refusals only the code matters. */
class PolicyReply implements Reply {
  readonly code: number;
  readonly enhanced: string;
  private readonly given: string;
  private readonly utf8: boolean;
  private readonly about: string | undefined;
  private shown: string | undefined = undefined;

  constructor(code: number, enhanced: string, given: string, utf8: boolean, about: string | undefined) {
    this.code = code;
    this.enhanced = enhanced;
    this.given = given;
    this.utf8 = utf8;
    this.about = about;
  }

  get text(): string {
    this.shown ??= this.ordered();
    return this.shown;
  }

  private ordered(): string {
    const { utf8, enhanced } = this;
    const given = whole(this.given, this.about);
    const printed = /^[\x20-\x7e]*$/.test(given) ? given : printable(given, utf8);
    return shorten(printed, lengthLimit - `${this.code} ${enhanced} `.length);
  }

  toJSON(): Reply {
    return { code: this.code, enhanced: this.enhanced, text: this.text };
  }
}

/**
 * soft_bounce turns a permanent refusal into a temporary one; the class of the enhanced status follows that of the code.
 * The server changes a 5 behind the code of each line: without an enhanced status, text that begins with 5 changes, too.
 */
export function withSoftBounce(reply: Reply, softBounce: boolean): Reply {
  const code = softBounce && reply.code >= 500 ? reply.code - 100 : reply.code;
  const first = Math.floor(code / 100);
  const fits = reply.enhanced === '' || reply.enhanced.charCodeAt(0) === 48 + first;
  const enhanced = fits ? reply.enhanced : `${first}${reply.enhanced.slice(1)}`;
  if (code === reply.code && enhanced === reply.enhanced) return reply;
  const text = code !== reply.code && reply.enhanced === '' ? reply.text.replace(/^5/gm, '4') : reply.text;
  return { code, enhanced, text };
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
