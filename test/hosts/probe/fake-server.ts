import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { issueAuthority } from '../../../src/provision/pki/authority.ts';
import { issue } from '../../../src/provision/pki/issue.ts';
import { profiles } from '../../../src/provision/pki/profiles.ts';

let serial = 0;
const random = (bytes: number) => {
  serial++;
  return Uint8Array.from({ length: bytes }, (_, index) => (serial * 37 + index * 11 + 1) % 256);
};

/** An authority with a certificate for a server and one for a client, made once for a test file. */
export async function makePeople(name = 'relay.example.com') {
  const now = new Date();
  const { authority, certificatePem } = await issueAuthority({ name: 'Test CA', keyType: 'ec-p256', now, random });
  const of = (profile: typeof profiles.server | typeof profiles.client, holder: string) =>
    issue(profile, { name: holder }, authority, { keyType: 'ec-p256', now, random });
  return {
    authority: certificatePem,
    server: await of(profiles.server, name),
    client: await of(profiles.client, 'client.example.com'),
  };
}

/** What a server needs of them. */
export interface People {
  readonly authority: string;
  readonly server: { readonly certificatePem: string; readonly keyPem: string };
}

/** What a server does with a line: answer it, hang up, keep silent, or begin TLS after the answer. */
export type Answer = string | { readonly hangUp: string } | { readonly silent: true } | { readonly inject: string };

export interface Behaviour {
  /** Where it differs from a server that lets in whom it knows. By the first word of the command; `greeting` for that. */
  readonly answers?: Readonly<Record<string, Answer>>;
  /** The same, after TLS has begun. */
  readonly secured?: Readonly<Record<string, Answer>>;
  readonly wrapped?: boolean;
  /** SHA-256 fingerprints that may relay. */
  readonly listed?: readonly string[];
  /** Lets in everybody. */
  readonly open?: boolean;
  /** Breaks TLS off where no certificate of its authority is shown. */
  readonly strict?: boolean;
  readonly maxVersion?: 'TLSv1.2';
}

/** A scripted server on loopback, with a certificate; what it heard is kept. */
export class FakeServer {
  readonly heard: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(serve: (socket: Socket, server: FakeServer) => void) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {}); // whoever asks may leave at any moment
      serve(socket, this);
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  static async raw(serve: (socket: Socket, server: FakeServer) => void, host = '127.0.0.1'): Promise<FakeServer> {
    const fake = new FakeServer(serve);
    fake.#server.listen(0, host);
    await once(fake.#server, 'listening');
    return fake;
  }

  static async open(people: People, behaviour: Behaviour = {}, host = '127.0.0.1'): Promise<FakeServer> {
    return FakeServer.raw((socket, fake) => {
      const start = (over: Socket, answers: Behaviour['answers'], isSecure: boolean, greets: boolean) =>
        serve(over, { fake, people, behaviour, answers, isSecure, greets, begin });
      const begin = (plain: Socket, greets: boolean) => {
        const secure = new TLSSocket(plain, {
          ...{ isServer: true, cert: people.server.certificatePem, key: people.server.keyPem, requestCert: true },
          ...{ rejectUnauthorized: behaviour.strict === true, ca: [people.authority] },
          ...(behaviour.maxVersion === undefined ? {} : { secureContext: old(people) }),
        });
        secure.on('error', () => {});
        start(secure, { ...behaviour.answers, STARTTLS: '503 no\r\n', ...behaviour.secured }, true, greets);
      };
      if (behaviour.wrapped === true) begin(socket, true);
      else start(socket, behaviour.answers, false, true);
    }, host);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

/** One that knows no newer TLS than 1.2. */
function old({ authority, server }: People) {
  return createSecureContext({
    ...{ cert: server.certificatePem, key: server.keyPem, ca: [authority] },
    maxVersion: 'TLSv1.2',
  });
}

interface Serving {
  readonly fake: FakeServer;
  readonly people: People;
  readonly behaviour: Behaviour;
  readonly answers: Behaviour['answers'];
  readonly isSecure: boolean;
  readonly greets: boolean;
  begin(plain: Socket, greets: boolean): void;
}

function serve(socket: Socket, { fake, behaviour, answers = {}, isSecure, greets, begin }: Serving): void {
  const give = (answer: Answer): void => {
    if (typeof answer === 'string') socket.write(answer, 'utf8');
    else if ('hangUp' in answer) socket.end(answer.hangUp);
    else if ('inject' in answer) socket.write(answer.inject);
  };
  const usual: Readonly<Record<string, () => Answer>> = {
    greeting: () => '220 relay.example.com ESMTP\r\n',
    EHLO: () =>
      `250-relay.example.com\r\n${isSecure ? '' : '250-STARTTLS\r\n'}250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES\r\n`,
    STARTTLS: () => '220 2.0.0 Ready to start TLS\r\n',
    MAIL: () => '250 2.1.0 Ok\r\n',
    RCPT: () => (mayRelay(socket, behaviour) ? '250 2.1.5 Ok\r\n' : '454 4.7.1 Relay access denied\r\n'),
    RSET: () => '250 2.0.0 Ok\r\n',
    QUIT: () => ({ hangUp: '221 2.0.0 Bye\r\n' }),
  };
  if (greets) give(answers.greeting ?? usual.greeting?.() ?? '');
  let text = '';
  const hear = (chunk: Buffer) => {
    text += chunk.toString('utf8');
    for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
      const line = text.slice(0, end);
      text = text.slice(end + 2);
      fake.heard.push(line);
      const verb = line.split(' ')[0]?.toUpperCase() ?? '';
      const answer = answers[verb] ?? usual[verb]?.() ?? '502 5.5.2 what?\r\n';
      give(answer);
      const begins = typeof answer === 'string' ? answer.startsWith('220') : 'inject' in answer;
      if (verb !== 'STARTTLS' || !begins) continue;
      socket.off('data', hear);
      begin(socket, false);
      return;
    }
  };
  socket.on('data', hear);
}

function mayRelay(socket: Socket, { listed = [], open = false }: Behaviour): boolean {
  if (open) return true;
  const print = socket instanceof TLSSocket ? socket.getPeerCertificate().fingerprint256 : undefined;
  return print !== undefined && listed.includes(print);
}
