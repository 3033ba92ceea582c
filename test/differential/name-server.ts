import { createSocket, type Socket } from 'node:dgram';
import { type Answers, encodeAnswer, readQuestion } from './dns-message.ts';

/** What the world answers to a name and a type of record: records, or how it fails. */
export type World = Readonly<Record<string, readonly string[] | string>>;

/** Answers what the session in progress says of the world; a name that it does not know does not exist. */
export class NameServer {
  readonly #socket: Socket;
  #world = new Map<string, readonly string[] | string>();
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

  set world(world: World) {
    this.#world = new Map(Object.entries(world).map(([key, answer]) => [key.toLowerCase(), answer]));
    this.#names = new Set();
    for (const [key, answer] of this.#world) {
      if (typeof answer === 'string') continue;
      // A name above one with records exists, too.
      for (let name = key.slice(0, key.lastIndexOf('/')); name !== ''; name = name.replace(/^[^.]*\.?/, ''))
        this.#names.add(name);
    }
  }

  stop(): void {
    this.#socket.close();
  }

  #answer(name: string, type: string): Answers {
    const found = this.#world.get(`${name}/${type.toLowerCase()}`);
    if (found !== undefined) return found;
    return this.#names.has(name) ? [] : 'NXDOMAIN';
  }
}
