import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type SecureVersion, type TLSSocket } from 'node:tls';

/** A reply of a real server; of one that is no refusal only the codes count. */
export interface PlayedReply {
  readonly stage: string;
  readonly code: number;
  readonly enhanced: string;
  readonly text: string;
}

/** A client that says a line and waits for its reply, from an address of its choice. */
export class SmtpClient {
  #socket: Socket | TLSSocket;
  #received = '';
  #ended = false;
  #wake: () => void = () => {};
  #deadline: number;

  private constructor(socket: Socket, milliseconds: number) {
    this.#socket = socket;
    this.#deadline = Date.now() + milliseconds;
    this.#listen(socket);
  }

  static async connect(from: string, port: number, milliseconds: number): Promise<SmtpClient | undefined> {
    const socket = connect({ host: from.includes(':') ? '::1' : '127.0.0.1', port, localAddress: from });
    try {
      await once(socket, 'connect');
    } catch {
      return undefined;
    }
    socket.setNoDelay(true);
    return new SmtpClient(socket, milliseconds);
  }

  /** Nothing more is to come but what is under way. */
  hurry(milliseconds: number): void {
    this.#deadline = Math.min(this.#deadline, Date.now() + milliseconds);
    this.#wake();
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Undefined when the server has gone without a word. */
  async reply(stage: string): Promise<PlayedReply | undefined> {
    const lines: string[] = [];
    for (;;) {
      const end = this.#received.indexOf('\r\n');
      if (end >= 0) {
        const line = this.#received.slice(0, end);
        this.#received = this.#received.slice(end + 2);
        lines.push(line);
        if (line.charAt(3) === '-') continue;
        // With these the server closes the connection, and the client has nothing more to say.
        if (/^[45]21/.test(line)) this.#ended = true;
        return readReply(stage, lines);
      } else if (this.#ended) return undefined;
      else await this.#more();
    }
  }

  async say(stage: string, line: string): Promise<PlayedReply | undefined> {
    if (this.#ended) return undefined;
    this.#socket.write(`${line}\r\n`, 'latin1');
    return this.reply(stage);
  }

  /** Says lines and waits for nothing. */
  write(lines: readonly string[]): void {
    this.#socket.write(lines.map((line) => `${line}\r\n`).join(''), 'latin1');
  }

  /** The TLS handshake, with a certificate or none. */
  async secure(
    protocol: string,
    certificate?: { readonly certificatePem: string; readonly keyPem: string },
  ): Promise<void> {
    const version: SecureVersion = protocol === 'TLSv1.2' ? 'TLSv1.2' : 'TLSv1.3';
    const plain = this.#socket;
    plain.removeAllListeners();
    const secure = connectTls({
      socket: plain,
      rejectUnauthorized: false,
      minVersion: version,
      maxVersion: version,
      // A server without a certificate of its own has anonymous ciphers to offer, and nothing else.
      ciphers: 'ALL:@SECLEVEL=0',
      ...(certificate === undefined ? {} : { cert: certificate.certificatePem, key: certificate.keyPem }),
    });
    this.#socket = secure;
    this.#listen(secure);
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      secure.once('secureConnect', resolve);
      secure.once('close', () => resolve());
      secure.once('error', () => resolve());
      timer = setTimeout(() => reject(new SilentServer()), Math.max(this.#deadline - Date.now(), 1));
    });
    clearTimeout(timer);
  }

  close(): void {
    this.#socket.destroy();
  }

  #listen(socket: Socket): void {
    const over = () => {
      this.#ended = true;
      this.#wake();
    };
    socket.on('data', (data: Buffer) => {
      this.#received += data.toString('latin1');
      this.#wake();
    });
    socket.on('error', over);
    socket.on('end', over);
    socket.on('close', over);
  }

  async #more(): Promise<void> {
    const left = this.#deadline - Date.now();
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      this.#wake = resolve;
      timer = setTimeout(() => reject(new SilentServer()), Math.max(left, 1));
    });
    clearTimeout(timer);
  }
}

/** The server says nothing within the time that is given for a session. */
export class SilentServer extends Error {
  constructor() {
    super('the server is silent');
  }
}

function readReply(stage: string, lines: readonly string[]): PlayedReply {
  const [first = ''] = lines;
  const code = Number(first.slice(0, 3));
  const enhanced = /^[245]\.\d{1,3}\.\d{1,3}(?= |$)/.exec(first.slice(4))?.[0] ?? '';
  const texts = lines.map((line) => {
    const rest = line.slice(4);
    return enhanced !== '' && rest.startsWith(enhanced) ? rest.slice(enhanced.length).trimStart() : rest;
  });
  return { stage, code, enhanced, text: texts.join('\n') };
}
