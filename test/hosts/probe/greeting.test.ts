import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { greet } from '../../../src/hosts/probe/greeting.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server that does this with each connection; answers where it listens. */
async function listening(serve: (socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.on('error', () => {}); // whoever asks may leave at any moment
    serve(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: '127.0.0.1', port: (server.address() as AddressInfo).port, isWrapped: false };
}

/** A server that answers each line in turn; what it heard is kept. */
function answering(greeting: string, ...answers: readonly string[]) {
  const heard: string[] = [];
  const left = [...answers];
  const serve = (socket: Socket) => {
    socket.write(greeting);
    socket.setEncoding('latin1').on('data', (text: string) => {
      heard.push(text.trim());
      const answer = left.shift();
      if (answer === undefined) socket.end();
      else socket.write(answer);
    });
  };
  return { serve, heard };
}

describe('a greeting', () => {
  it('is taken from a server that answers, with what it offers', async () => {
    const { serve, heard } = answering(
      '220 mx.example.com ESMTP\r\n',
      '250-mx\r\n250-SIZE 10\r\n250 8BITMIME\r\n',
      '221 bye\r\n',
    );
    expect(await greet(await listening(serve), 5000)).toEqual({
      ok: true,
      banner: 'mx.example.com ESMTP',
      keywords: ['SIZE 10', '8BITMIME'],
    });
    expect(heard).toEqual(['EHLO localhost', 'QUIT']);
  });

  it('may have many lines, in pieces', async () => {
    const place = await listening((socket) => {
      socket.write('220-mx.exa');
      setTimeout(() => socket.write('mple.com\r\n220 wait\r\n'), 20);
      socket.on('data', () => socket.write('250 mx\r\n'));
    });
    expect(await greet(place, 5000)).toMatchObject({ ok: true, banner: 'mx.example.com', keywords: [] });
  });

  it('is a refusal of this address too, for a server that answers', async () => {
    const { serve } = answering('554 mx.example.com no\r\n');
    expect(await greet(await listening(serve), 5000)).toMatchObject({ ok: true, banner: 'mx.example.com no' });
  });

  it.each([
    ['a server that hangs up', (socket: Socket) => socket.end(), 'it hung up without a greeting'],
    ['a server in trouble', answering('421 4.3.0 later\r\n').serve, 'it greets with "421 4.3.0 later"'],
    ['a server that hangs up after EHLO', answering('220 mx\r\n').serve, 'it hung up after EHLO'],
    [
      'TLS that is broken',
      answering('220 mx\r\n', '250-mx\r\n250 STARTTLS\r\n', '454 4.7.0 TLS not available\r\n').serve,
      'it answers STARTTLS with "454 4.7.0 TLS not available"',
    ],
    ['no mail server', answering('SSH-2.0-OpenSSH\r\n').serve, 'it greets with "SSH-2.0-OpenSSH"'],
    ['control characters', answering('200 \u001b[2J\r\n').serve, 'it greets with "200 ?[2J"'],
    ['a server that says nothing', () => {}, 'no answer within 0.2 s'],
    [
      'an endless line',
      (socket: Socket) => socket.write('2'.repeat(200_000)),
      'it sends more than any mail server would',
    ],
  ])('is missing from %s', async (_, serve, reason) => {
    expect(await greet(await listening(serve), reason.includes('0.2') ? 200 : 5000)).toEqual({ ok: false, reason });
  });

  it('is missing where nothing listens', async () => {
    const place = await listening(() => {});
    servers.splice(0)[0]?.close();
    expect(await greet(place, 5000)).toEqual({ ok: false, reason: 'nothing listens there' });
  });
});
