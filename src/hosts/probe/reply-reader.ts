import { Trouble } from './trouble.ts';

/** One reply of a server: code, enhanced status code where it has one (RFC 3463), and its lines without either. */
export interface LiveReply {
  readonly code: number;
  readonly enhanced: string;
  readonly lines: readonly string[];
}

/** RFC 5321, section 4.5.3.1.5, has 512 octets; no server known sends half as much as this in a line. */
const longestLine = 8192;
/** No mail server says more in one reply. */
const longestReply = 64 * 1024;

/** A client that does not pipeline has one answer to expect. */
const mostReplies = 100;

/** What others than mail servers say first. */
const otherProtocols: readonly (readonly [start: RegExp, what: string, hint?: string])[] = [
  [/^HTTP\/|^<(?:!doctype|html)/i, 'a web server'],
  [/^SSH-/, 'an SSH server'],
  [/^\* (?:OK|PREAUTH|BYE)/i, 'an IMAP server'],
  [/^\+OK/, 'a POP3 server'],
  [/^-ERR/, 'a POP3 server'],
  // The record types alert and handshake, then a version (RFC 8446, section 5.1).
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what the record begins with
  [/^[\x15\x16]\x03/, 'TLS from the first octet', 'give --wrapped'],
];

/**
 * Takes octets as they come and gives out whole replies (RFC 5321, section 4.2.1: the last line has a blank after its
 * code). What is no reply is known for it as early as it can be.
 */
export class ReplyReader {
  #rest: Buffer = Buffer.alloc(0);
  #octets = 0;
  #lines: string[] = [];
  readonly #whole: { readonly reply: LiveReply; readonly octets: number }[] = [];
  /** Octets that came and are in no reply that was taken, whatever they are. */
  #untaken = 0;

  /** @throws Trouble for what no mail server says. */
  push(chunk: Buffer): void {
    this.#untaken += chunk.length;
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (let end = this.#rest.indexOf(10); end >= 0; end = this.#rest.indexOf(10)) {
      const line = this.#rest.subarray(0, end);
      if (line.length > longestLine) throw tooLong();
      this.#rest = this.#rest.subarray(end + 1);
      this.#octets += line.length + 1;
      this.#line(line.toString('utf8').replace(/\r$/, ''));
      if (this.#octets > longestReply) throw new Trouble('too-much', 'its reply has no end');
    }
    if (this.#rest.length > 0) this.#begin(this.#rest);
    if (this.#rest.length > longestLine) throw tooLong();
  }

  /** The code of a reply that nobody has taken yet. */
  get unasked(): number | undefined {
    return this.#whole[0]?.reply.code;
  }

  /** The next whole reply, if there is one. */
  take(): LiveReply | undefined {
    const first = this.#whole.shift();
    this.#untaken -= first?.octets ?? 0;
    return first?.reply;
  }

  /** Octets that came and were not asked for, which are forgotten. */
  clear(): number {
    const octets = this.#untaken;
    this.#untaken = 0;
    this.#whole.length = 0;
    this.#rest = Buffer.alloc(0);
    this.#lines = [];
    this.#octets = 0;
    return octets;
  }

  /** What a server that hung up had begun to say. */
  get begun(): string {
    return [...this.#lines, this.#rest.toString('latin1')].join(' ').trim();
  }

  #line(line: string): void {
    if (!/^[2-5]\d\d(?:[ -]|$)/.test(line)) throw notSmtp(line);
    this.#lines.push(line);
    if (line[3] === '-') return;
    this.#whole.push({ reply: replyOf(this.#lines), octets: this.#octets });
    if (this.#whole.length > mostReplies) throw new Trouble('too-much', 'it never stops answering');
    this.#lines = [];
    this.#octets = 0;
  }

  /** A line that is not whole yet: binary protocols never send a line end. */
  #begin(rest: Buffer): void {
    if (rest.length >= 4 && !/^[2-5]\d\d[ \r-]/.test(rest.toString('latin1', 0, 4)))
      throw notSmtp(rest.toString('latin1', 0, 200));
  }
}

function replyOf(lines: readonly string[]): LiveReply {
  const code = Number((lines[0] ?? '').slice(0, 3));
  const texts = lines.map((line) => line.slice(4));
  // RFC 2034, section 4: the same on every line, and of the class of the code.
  const enhanced =
    new RegExp(`^${Math.floor(code / 100)}\\.\\d{1,3}\\.\\d{1,3}(?= |$)`).exec(texts[0] ?? '')?.[0] ?? '';
  const bare = texts.map((text) => (enhanced !== '' && text.startsWith(enhanced) ? text.slice(enhanced.length) : text));
  return { code, enhanced, lines: bare.map((text) => text.trim()) };
}

/** What somebody is who does not speak SMTP. */
export function notSmtp(said: string): Trouble {
  const [, what, hint] = otherProtocols.find(([start]) => start.test(said)) ?? [];
  if (what !== undefined) return new Trouble('not-smtp', `that is no mail server but ${what}`, hint);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is binary shows by those
  const isBinary = /[\0-\x08\x0e-\x1f\x7f-\xff]/.test(said);
  return new Trouble(
    'not-smtp',
    isBinary
      ? 'that is no mail server: what it says is binary'
      : `that is no mail server: it says "${said.slice(0, 100)}"`,
  );
}

function tooLong(): Trouble {
  return new Trouble('too-much', 'it sends a line without an end');
}
