import { createSocket, type Socket } from 'node:dgram';
import { type Answers, encodeAnswer, readQuestion } from './dns-message.ts';
import type { Records } from './scenario.ts';

/** Answers what the session in progress says of the world; a name that it does not know does not exist. */
export class NameServer {
  readonly #socket: Socket;
  #records = new Map<string, readonly string[] | string>();
  #names = new Set<string>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (message, { address, port }) => {
      const question = readQuestion(message);
      if (question === undefined) return;
      socket.send(encodeAnswer(message, question, this.#answer(question.name, question.type)), port, address);
    });
  }

  static async start(): Promise<NameServer> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(53, '127.0.0.1', resolve);
    });
    return new NameServer(socket);
  }

  set records(records: Records) {
    this.#records = new Map(Object.entries(records).map(([key, answer]) => [key.toLowerCase(), answer]));
    this.#names = new Set();
    for (const [key, answer] of this.#records) {
      if (typeof answer !== 'string') this.#names.add(key.slice(0, key.lastIndexOf('/')));
    }
  }

  stop(): void {
    this.#socket.close();
  }

  #answer(name: string, type: string): Answers {
    const found = this.#records.get(`${name}/${type.toLowerCase()}`);
    if (found !== undefined) return found;
    return this.#names.has(name) ? [] : 'NXDOMAIN';
  }
}
