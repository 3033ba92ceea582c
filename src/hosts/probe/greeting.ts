import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** What a server said, or why nothing came. */
export type Greeted =
  | {
      readonly ok: true;
      /** The text of the greeting, without its code. */
      readonly banner: string;
      /** The keywords of EHLO, in capitals. */
      readonly keywords: readonly string[];
    }
  | { readonly ok: false; readonly reason: string };

export interface GreetingPlace {
  readonly address: string;
  readonly port: number;
  /** TLS comes before SMTP. */
  readonly isWrapped: boolean;
}

/** No server sends more before it has heard anything worth an answer. */
const longest = 64 * 1024;

/**
 * Asks an SMTP server whether it answers: its greeting, EHLO, and STARTTLS where it offers it, of which only the reply is
 * looked at; then QUIT or, after STARTTLS, the end of the connection. Nobody is named and nothing is sent. Whose
 * certificate it has does not matter here. `milliseconds` is the time for all of it.
 */
export async function greet({ address, port, isWrapped }: GreetingPlace, milliseconds: number): Promise<Greeted> {
  const socket: Socket = isWrapped
    ? connectTls({ host: address, port, rejectUnauthorized: false })
    : connect({ host: address, port });
  const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${milliseconds / 1000} s`)), milliseconds);
  try {
    const replies = repliesOf(socket);
    const greeting = await next(replies, 'it hung up without a greeting');
    // A server that wants nothing of this address answers all the same.
    if (greeting.startsWith('5')) return { ok: true, banner: firstLine(greeting).slice(4), keywords: [] };
    if (!greeting.startsWith('220')) return { ok: false, reason: `it greets with "${firstLine(greeting)}"` };
    socket.write('EHLO localhost\r\n');
    const hello = await next(replies, 'it hung up after EHLO');
    if (hello.startsWith('421')) return { ok: false, reason: `it answers EHLO with "${firstLine(hello)}"` };
    const keywords = hello
      .split('\n')
      .slice(1)
      .map((line) => line.slice(4).trim().toUpperCase());
    if (!isWrapped && keywords.includes('STARTTLS')) {
      socket.write('STARTTLS\r\n');
      const ready = await next(replies, 'it hung up after STARTTLS');
      if (!ready.startsWith('220')) return { ok: false, reason: `it answers STARTTLS with "${firstLine(ready)}"` };
    } else {
      // It has answered; how it says good-bye decides nothing.
      socket.write('QUIT\r\n');
      await replies.next().catch(() => undefined);
    }
    return { ok: true, banner: firstLine(greeting).slice(4), keywords };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

async function next(replies: AsyncGenerator<string>, otherwise: string): Promise<string> {
  const reply = await replies.next();
  if (reply.done === true) throw new Error(otherwise);
  return reply.value;
}

/** Whole replies, lines joined by `\n` (RFC 5321, section 4.2.1: the last line has a blank after its code). */
async function* repliesOf(socket: Socket): AsyncGenerator<string> {
  let heard = '';
  let lines: string[] = [];
  for await (const chunk of socket.setEncoding('latin1')) {
    heard += chunk;
    if (heard.length > longest) throw new Error('it sends more than any mail server would');
    const complete = heard.split('\n');
    heard = complete.pop() ?? '';
    for (const line of complete.map((one) => one.replace(/\r$/, ''))) {
      lines.push(line);
      if (/^\d{3}-/.test(line)) continue;
      yield lines.join('\n');
      lines = [];
    }
  }
}

function firstLine(reply: string): string {
  return (reply.split('\n')[0] ?? '').slice(0, 200).replace(/[^\x20-\x7e]/g, '?');
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  return error instanceof Error ? error.message : String(error);
}
