import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

/** Attributes of a request or an answer between Postfix's own processes. */
export type Attributes = Readonly<Record<string, string>>;

export interface PostfixServiceOptions {
  readonly path: string;
  /** What the server calls its protocol when a client connects; undefined: it says nothing, as up to 3.5. */
  readonly protocol: string | undefined;
  readonly answer: (request: Attributes) => Attributes;
}

/** Stands in for one of Postfix's own processes that smtpd(8) asks by name and value, each ended by a NUL character. */
export async function startPostfixService({ path, protocol, answer }: PostfixServiceOptions): Promise<Server> {
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    socket.on('error', () => {});
    if (protocol !== undefined) socket.write(encode({ protocol }));
    let rest = '';
    socket.setEncoding('latin1').on('data', (text) => {
      rest += text;
      for (let read = decode(rest); read !== undefined; read = decode(rest)) {
        rest = rest.slice(read.length);
        socket.write(encode(answer(read.attributes)), 'latin1');
      }
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o666);
  return server;
}

function encode(attributes: Attributes): string {
  return `${Object.entries(attributes)
    .map(([name, value]) => `${name}\0${value}\0`)
    .join('')}\0`;
}

/** The first list in the text, and how much of the text it is; undefined while its end is missing. */
function decode(text: string): { readonly attributes: Attributes; readonly length: number } | undefined {
  const attributes: Record<string, string> = {};
  for (let at = 0; ; ) {
    const nameEnd = text.indexOf('\0', at);
    if (nameEnd < 0) return undefined;
    if (nameEnd === at) return { attributes, length: at + 1 };
    const valueEnd = text.indexOf('\0', nameEnd + 1);
    if (valueEnd < 0) return undefined;
    attributes[text.slice(at, nameEnd)] = text.slice(nameEnd + 1, valueEnd);
    at = valueEnd + 1;
  }
}
