import type { Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type LiveOutcome, type Part, play } from '../../../src/hosts/probe/dialogue.ts';
import { type Behaviour, FakeServer, makePeople } from './fake-server.ts';

let people: Awaited<ReturnType<typeof makePeople>>;
const servers: FakeServer[] = [];

beforeAll(async () => {
  people = await makePeople();
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function kept(server: FakeServer): FakeServer {
  servers.push(server);
  return server;
}

const partFor = (server: FakeServer, more: Partial<Part> = {}): Part => ({
  place: { host: '127.0.0.1', port: server.port, isWrapped: false },
  patience: 3000,
  tls: { authorities: [people.authority], name: 'relay.example.com' },
  helo: () => 'client.example.com',
  from: 'root@client.example.com',
  to: 'someone@outside.example',
  ...more,
});

const credential = () => ({ certificate: people.client.certificatePem, key: people.client.keyPem });

async function played(behaviour: Behaviour, more: Partial<Part> = {}) {
  const server = kept(await FakeServer.open(people, behaviour));
  return { ...(await play(partFor(server, more))), heard: server.heard };
}

async function fromRaw(serve: (socket: Socket) => void, more: Partial<Part> = {}) {
  return play(partFor(kept(await FakeServer.raw(serve)), more));
}

const failing = (code: string, message: string | RegExp) => ({
  kind: 'failed',
  trouble: { code, message: typeof message === 'string' ? message : expect.stringMatching(message) },
});

describe('a session', () => {
  it('says EHLO, STARTTLS, EHLO, MAIL, RCPT, RSET, QUIT, and never DATA', async () => {
    const listed = [people.client.facts.fingerprint.sha256];
    const tls = { authorities: [people.authority], name: 'relay.example.com', credential: credential() };
    const { outcome, heard, tls: facts, exchanges, discarded } = await played({ listed }, { tls });
    expect(outcome).toEqual({ kind: 'permitted' });
    expect(heard).toEqual([
      'EHLO client.example.com',
      'STARTTLS',
      'EHLO client.example.com',
      'MAIL FROM:<root@client.example.com>',
      'RCPT TO:<someone@outside.example>',
      'RSET',
      'QUIT',
    ]);
    expect(facts).toMatchObject({ protocol: 'TLSv1.3', chainError: undefined, nameMatches: true });
    expect(Buffer.from(facts?.chain[0] ?? []).equals(people.server.facts.der)).toBe(true);
    expect(exchanges.map(({ stage, reply }) => `${stage} ${reply.code} ${reply.enhanced}`.trim())).toEqual([
      ...['connect 220', 'helo 250', 'starttls 220 2.0.0', 'helo 250', 'mail 250 2.1.0', 'rcpt 250 2.1.5'],
      ...['rset 250 2.0.0', 'quit 221 2.0.0'],
    ]);
    expect(discarded).toBe(0);
  });

  it('is refused without a certificate', async () => {
    const { outcome, heard } = await played({ listed: [people.client.facts.fingerprint.sha256] });
    expect(outcome).toEqual({ kind: 'refused', stage: 'rcpt', reason: '454 4.7.1 Relay access denied' });
    expect(heard.slice(-2)).toEqual(['RSET', 'QUIT']);
  });

  it('begins with TLS where that is asked for', async () => {
    const server = kept(await FakeServer.open(people, { wrapped: true, open: true }));
    const { outcome } = await play(
      partFor(server, { place: { host: '127.0.0.1', port: server.port, isWrapped: true } }),
    );
    expect(outcome).toEqual({ kind: 'permitted' });
    expect(server.heard[1]).toMatch(/^MAIL/);
  });

  it('sees whom the certificate is not from, and whom it is not for', async () => {
    const others = await makePeople('other.example.com');
    const tls = { authorities: [others.authority], name: 'elsewhere.example.com' };
    const { tls: facts } = await played({}, { tls });
    expect(facts).toMatchObject({ chainError: 'it leads to an authority that is not trusted', nameMatches: false });
    expect((await played({}, { tls: { authorities: [] } })).tls).toMatchObject({ nameMatches: undefined });
  });

  it('names addresses beyond ASCII where the server consents, and nowhere else', async () => {
    const to = 'jürgen@outside.example';
    const { outcome, heard } = await played({ open: true }, { to });
    expect([outcome.kind, heard[3], heard[4]]).toEqual([
      'permitted',
      'MAIL FROM:<root@client.example.com> SMTPUTF8',
      `RCPT TO:<${to}>`,
    ]);
    const without = await played({ secured: { EHLO: '250 relay\r\n' } }, { to });
    expect(without.outcome).toMatchObject(failing('no-smtputf8', /does not offer SMTPUTF8/));
    expect(without.heard.some((line) => line.startsWith('MAIL'))).toBe(false);
  });

  it('goes to an IPv6 address', async () => {
    const server = kept(await FakeServer.open(people, { open: true }, '::1'));
    const place = { host: '::1', port: server.port, isWrapped: false };
    const { ends, outcome } = await play(partFor(server, { place, helo: (local) => `[IPv6:${local}]` }));
    expect([outcome.kind, ends, server.heard[0]]).toEqual([
      'permitted',
      { local: '::1', remote: '::1' },
      'EHLO [IPv6:::1]',
    ]);
  });

  it('believes nothing that was said in plain text after STARTTLS was agreed', async () => {
    const inject = '220 2.0.0 Ready\r\n250-evil\r\n250 AUTH PLAIN\r\n';
    const { outcome, discarded, exchanges } = await played({ open: true, answers: { STARTTLS: { inject } } });
    expect(outcome.kind).toBe('permitted');
    expect(discarded).toBeGreaterThan(0);
    expect(exchanges.flatMap(({ reply }) => reply.lines).join(' ')).not.toContain('evil');
  });

  it('takes long replies of many lines, in pieces', async () => {
    const lines = Array.from({ length: 300 }, (_, index) => `250-X-KEYWORD-${index}\r\n`).join('');
    const { outcome } = await played({ open: true, answers: { EHLO: `250-relay\r\n${lines}250 STARTTLS\r\n` } });
    expect(outcome.kind).toBe('permitted');
    const slow = await fromRaw((socket) => {
      const pieces = ['2', '20-mx.exam', 'ple.com\r', '\n220 wa', 'it\r\n'];
      const timer = setInterval(() => {
        const piece = pieces.shift();
        if (piece === undefined || socket.destroyed) clearInterval(timer);
        else socket.write(piece);
      }, 5);
      socket.on('data', () => socket.end('502 5.5.1 no\r\n'));
    });
    expect(slow.exchanges[0]?.reply).toEqual({ code: 220, enhanced: '', lines: ['mx.example.com', 'wait'] });
    expect(slow.outcome).toEqual({ kind: 'refused', stage: 'helo', reason: '502 5.5.1 no' });
  });
});

const refusals: readonly (readonly [string, Behaviour, Partial<LiveOutcome>])[] = [
  ['STARTTLS is not offered', { answers: { EHLO: '250 relay\r\n' } }, { kind: 'refused', stage: 'starttls' }],
  [
    'STARTTLS is refused',
    { answers: { STARTTLS: '454 4.7.0 TLS not available\r\n' } },
    { kind: 'refused', stage: 'starttls', reason: '454 4.7.0 TLS not available' },
  ],
  ['the greeting refuses', { answers: { greeting: '554 5.7.1 no\r\n' } }, { kind: 'refused', stage: 'connect' }],
  ['the sender is refused', { secured: { MAIL: '550 5.1.8 no\r\n' } }, { kind: 'refused', stage: 'mail' }],
];

describe('a refusal', () => {
  it.each(refusals)('is told where %s', async (_, behaviour, outcome) => {
    const { outcome: found, heard } = await played(behaviour);
    expect(found).toMatchObject(outcome);
    expect(heard.at(-1)).toBe('QUIT');
  });
});

const troubles: readonly (readonly [string, Behaviour, string, RegExp])[] = [
  [
    'is busy',
    { answers: { greeting: '421 4.3.2 later\r\n' } },
    'unavailable',
    /^it ends the session: 421 4\.3\.2 later$/,
  ],
  ['ends it at MAIL', { secured: { MAIL: '421 4.7.0 bye\r\n' } }, 'unavailable', /421 4\.7\.0 bye/],
  ['hangs up at RCPT', { secured: { RCPT: { hangUp: '' } } }, 'hung-up', /an answer to "RCPT TO:.*" is missing/],
  ['hangs up at EHLO', { answers: { EHLO: { hangUp: '250-rel' } } }, 'hung-up', /an answer to "EHLO/],
  ['hangs up when TLS begins', { answers: { STARTTLS: { hangUp: '220 go\r\n' } } }, 'tls-broken', /hung up|breaks/],
  ['never answers', { secured: { RCPT: { silent: true } } }, 'timeout', /^no answer within 0\.3 s: an answer to "RCPT/],
];

describe('a server that', () => {
  it.each(troubles)('%s', async (_, behaviour, code, message) => {
    const { outcome } = await played(behaviour, code === 'timeout' ? { patience: 300 } : {});
    expect(outcome).toMatchObject(failing(code, message));
  });

  it.each([
    ['hangs up at once', (socket: Socket) => socket.end(), 'hung-up', 'it hung up: the greeting is missing'],
    ['says nothing', () => {}, 'timeout', 'no answer within 0.3 s: the greeting is missing'],
    [
      'is a web server',
      (s: Socket) => s.end('HTTP/1.1 400 Bad\r\n\r\n'),
      'not-smtp',
      /^that is no mail server but a web/,
    ],
    ['is an SSH server', (s: Socket) => s.write('SSH-2.0-x\r\n'), 'not-smtp', /an SSH server/],
    ['is an IMAP server', (s: Socket) => s.write('* OK [CAPABILITY] hi\r\n'), 'not-smtp', /an IMAP server/],
    ['begins with TLS', (s: Socket) => s.write(Buffer.from('16030100', 'hex')), 'not-smtp', /TLS from the first octet/],
    ['is binary', (s: Socket) => s.write(Buffer.from('00ff00ff01', 'hex')), 'not-smtp', /is binary$/],
    ['says something else', (s: Socket) => s.end('hello\r\n'), 'not-smtp', /it says "hello"$/],
    ['hangs up within a word', (s: Socket) => s.end('he'), 'not-smtp', /it says "he"$/],
    [
      'answers what was not asked',
      (s: Socket) => s.write('220 mx\r\n250 mx\r\n'),
      'out-of-turn',
      /^it says 250 before it/,
    ],
    ['never ends a line', (s: Socket) => s.write(`220 ${'x'.repeat(100_000)}`), 'too-much', /a line without an end/],
    ['sends a huge line', (s: Socket) => s.write(`220 ${'x'.repeat(9000)}\r\n`), 'too-much', /a line without an end/],
  ] as const)('%s', async (_, serve, code, message) => {
    const { outcome } = await fromRaw(serve, code === 'timeout' ? { patience: 300 } : {});
    expect(outcome).toMatchObject(failing(code, message as string | RegExp));
  });

  it('greets without an end', async () => {
    const { outcome } = await fromRaw((socket) => {
      const timer = setInterval(() => {
        if (socket.destroyed) clearInterval(timer);
        else socket.write('220-and another thing\r\n'.repeat(200));
      }, 1);
      socket.on('close', () => clearInterval(timer));
    });
    expect(outcome).toMatchObject(failing('too-much', 'its reply has no end'));
  });

  it('drips is not waited for longer than for one that is silent', async () => {
    const begun = performance.now();
    const { outcome } = await fromRaw(
      (socket) => {
        const timer = setInterval(() => socket.write('220-x\r\n'), 50);
        socket.on('close', () => clearInterval(timer));
      },
      { patience: 400 },
    );
    expect(outcome).toMatchObject(failing('timeout', /^no answer within 0\.4 s/));
    expect(performance.now() - begun).toBeLessThan(3000);
  });

  it('speaks no TLS where it should', async () => {
    const server = kept(await FakeServer.raw((socket) => socket.write('220 mx\r\n')));
    const place = { host: '127.0.0.1', port: server.port, isWrapped: true };
    expect((await play(partFor(server, { place }))).outcome).toMatchObject(failing('no-tls', /no TLS$/));
  });

  it('wants a certificate of everybody', async () => {
    const { outcome, tls } = await played({ strict: true });
    expect([outcome.kind, tls?.protocol]).toEqual(['failed', 'TLSv1.3']);
    const shown = { authorities: [people.authority], credential: credential() };
    expect((await played({ strict: true, open: true }, { tls: shown })).outcome.kind).toBe('permitted');
  });

  it('is not there', async () => {
    const server = await FakeServer.raw(() => {});
    const part = partFor(server);
    server.close();
    expect((await play(part)).outcome).toMatchObject(failing('nothing-listens', 'nothing listens there'));
  });
});
