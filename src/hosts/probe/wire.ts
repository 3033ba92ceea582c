import { connect, type Socket } from 'node:net';
import { createSecureContext, connect as startTls, type TLSSocket } from 'node:tls';
import type { Place } from './place.ts';
import { type LiveReply, notSmtp, ReplyReader } from './reply-reader.ts';
import { type TlsFacts, tlsFacts } from './tls-facts.ts';
import { socketTrouble, Trouble, tlsTrouble } from './trouble.ts';

/** How a client begins TLS. */
export interface TlsWish {
  /** PEM: the certificate to show, with what is above it, and its key. Absent: it shows none. */
  readonly credential?: { readonly certificate: string; readonly key: string };
  /** PEM of the authorities that are trusted. */
  readonly authorities: readonly string[];
  /** What the server's certificate is to be for. */
  readonly name?: string;
}

const theGreeting = 'the greeting';

/** A connection on which lines are said and replies are heard, each within its time. */
export class Wire {
  #socket: Socket;
  #reader = new ReplyReader();
  #trouble: Trouble | undefined;
  #wake: () => void = () => {};
  readonly #patience: number;
  #awaited = theGreeting;
  #isSecure = false;
  readonly localAddress: string;
  readonly remoteAddress: string;
  /** Octets of plain text that came after STARTTLS was agreed, and were thrown away (CVE-2011-0411). */
  discarded = 0;

  private constructor(socket: Socket, patience: number) {
    this.#socket = socket;
    this.#patience = patience;
    this.localAddress = socket.localAddress ?? '';
    this.remoteAddress = socket.remoteAddress ?? '';
    this.#listen(socket);
  }

  /** Connects; `patience` is in milliseconds, for this and for every reply. @throws Trouble */
  static async open({ host, port }: Pick<Place, 'host' | 'port'>, patience: number): Promise<Wire> {
    const socket = connect({ host, port });
    await within(patience, 'the connection was not taken', socket, (done, fail) => {
      socket.once('connect', done);
      socket.once('error', (error) => fail(socketTrouble(error)));
    });
    return new Wire(socket, patience);
  }

  /** @throws Trouble when the server has said something that it was not asked. */
  say(line: string): void {
    const { unasked } = this.#reader;
    // With 421 it may end a session whenever it wants to (RFC 5321, section 3.8): that is the answer then.
    if (unasked !== undefined && unasked !== 421)
      throw new Trouble('out-of-turn', `it says ${unasked} before it hears "${line}"`);
    this.#awaited = `an answer to "${line}"`;
    if (!this.#socket.destroyed) this.#socket.write(`${line}\r\n`);
  }

  /** @throws Trouble */
  async reply(patience = this.#patience): Promise<LiveReply> {
    const timer = setTimeout(() => {
      const hint = this.#awaited === theGreeting && !this.#isSecure ? 'where TLS comes first: --wrapped' : undefined;
      const message = `no answer within ${patience / 1000} s: ${this.#awaited} is missing`;
      this.#trouble ??= new Trouble('timeout', message, hint);
      this.#wake();
    }, patience);
    try {
      for (;;) {
        const reply = this.#reader.take();
        if (reply !== undefined) return reply;
        if (this.#trouble !== undefined) throw this.#trouble;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Begins TLS on the connection. Whom the server's certificate convinces is for others to say. @throws Trouble */
  async secure({ credential, authorities, name }: TlsWish): Promise<TlsFacts> {
    const plain = this.#socket;
    plain.pause();
    plain.removeAllListeners();
    plain.on('error', () => {});
    this.discarded += this.#reader.clear();
    let socket: TLSSocket;
    try {
      const secureContext = createSecureContext({
        ca: [...authorities],
        ...(credential === undefined ? {} : { cert: credential.certificate, key: credential.key }),
      });
      // Like the Postfix SMTP client, it names no server (smtp_tls_servername is empty by default).
      socket = startTls({
        ...{ socket: plain, secureContext, rejectUnauthorized: false },
        checkServerIdentity: () => undefined,
      });
    } catch (error) {
      throw new Trouble('own-certificate', `the own certificate cannot be used: ${tlsTrouble(error).message}`);
    }
    this.#socket = socket;
    await within(this.#patience, 'TLS did not come about', socket, (done, fail) => {
      socket.once('secureConnect', done);
      socket.once('error', (error) => fail(tlsTrouble(error)));
      socket.once('close', () => fail(new Trouble('tls-broken', 'it hung up while TLS began')));
    });
    const facts = tlsFacts(socket, name);
    socket.removeAllListeners('close');
    this.#isSecure = true;
    this.#listen(socket);
    return facts;
  }

  close(): void {
    this.#socket.removeAllListeners();
    this.#socket.on('error', () => {});
    this.#socket.destroy();
  }

  #listen(socket: Socket): void {
    const fail = (trouble: Trouble) => {
      this.#trouble ??= trouble;
      this.#wake();
    };
    socket.on('data', (chunk: Buffer) => {
      try {
        if (this.#trouble === undefined) this.#reader.push(chunk);
        this.#wake();
      } catch (error) {
        // Whoever sends without end is not listened to any longer.
        socket.pause();
        fail(socketTrouble(error));
      }
    });
    const gone = () => fail(this.#gone());
    socket.on('end', gone).on('close', gone);
    socket.on('error', (error) => fail(socketTrouble(error)));
  }

  #gone(): Trouble {
    const { begun } = this.#reader;
    if (begun !== '' && !/^[2-5]\d\d[ -]/.test(begun)) return notSmtp(begun);
    return new Trouble('hung-up', `it hung up: ${this.#awaited} is missing`);
  }
}

/** Waits for one of two events of a socket, and gives the socket up when neither comes in time. */
async function within(
  milliseconds: number,
  what: string,
  socket: Socket,
  wait: (done: () => void, fail: (trouble: Trouble) => void) => void,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Trouble('timeout', `${what} within ${milliseconds / 1000} s`)), milliseconds);
      wait(resolve, reject);
    });
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
