import { once } from 'node:events';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/hosts/publish/connection.ts';
import { parseDatabaseUrl } from '../../../src/provision/settings/database-url.ts';
import { needs } from '../../needs.ts';
import { workplace } from '../../setup/workplace.ts';
import { Cluster, clusterNeeds, passwords } from './cluster.ts';

/** The first eight octets that a client sends (PostgreSQL, "Message Formats", SSLRequest). */
const request = '0000000804d2162f';
const password = 'xyzzy-plugh';
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Something on a loopback address that is not the database: a tunnel, or another user's program. It keeps what it gets. */
async function posing(answer: (socket: Socket, got: Buffer[]) => void) {
  const got: Buffer[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (first: Buffer) => {
      got.push(first);
      answer(socket, got);
      socket.on('data', (more: Buffer) => got.push(more));
    });
  });
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, heard: () => Buffer.concat(got) };
}

async function tried(text: string, issuer?: string): Promise<{ readonly code: string; readonly message: string }> {
  const read = parseDatabaseUrl(text);
  if (!('url' in read)) throw new Error(read.message);
  try {
    const connection = await connect({ url: read.url, password, issuer, certificate: undefined });
    await connection.close();
    return { code: 'connected', message: '' };
  } catch (error) {
    const { problems } = error as { problems: readonly { code: string; message: string }[] };
    return { code: problems[0]?.code ?? '', message: problems[0]?.message ?? '' };
  }
}

/** AuthenticationCleartextPassword, AuthenticationSASL with SCRAM-SHA-256 and AuthenticationOk: each would start a login. */
const asks = {
  cleartext: Buffer.from('520000000800000003', 'hex'),
  scram: Buffer.concat([Buffer.from('52000000170000000a', 'hex'), Buffer.from('SCRAM-SHA-256\0\0')]),
  nothing: Buffer.from('520000000800000000', 'hex'),
};

describe('a server that is not verified gets no login', () => {
  it.each<readonly [string, (socket: Socket) => void, string]>([
    ['declines TLS', (socket) => socket.write('N'), 'database-plain'],
    [
      'declines TLS and asks for a password',
      (socket) => socket.write(Buffer.concat([Buffer.from('N'), asks.cleartext])),
      'database-plain',
    ],
    [
      'declines TLS and begins SCRAM',
      (socket) => socket.write(Buffer.concat([Buffer.from('N'), asks.scram])),
      'database-plain',
    ],
    ['asks for a password at once', (socket) => socket.write(asks.cleartext), 'database-plain'],
    ['begins SCRAM at once', (socket) => socket.write(asks.scram), 'database-plain'],
    ['lets everybody in at once', (socket) => socket.write(asks.nothing), 'database-plain'],
    ['answers with an error of old', (socket) => socket.write('Eunsupported frontend protocol\0'), 'database-plain'],
    [
      'puts plain text behind its consent',
      (socket) => socket.write(Buffer.concat([Buffer.from('S'), asks.cleartext])),
      'database-plain',
    ],
    ['hangs up', (socket) => socket.end(), 'database-unreachable'],
  ])('that %s', async (_what, answer, code) => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const server = await posing(answer);
      const { code: got } = await tried(`postgresql://certrelay_writer@${host}:${server.port}/certrelay`);
      expect(got).toBe(code);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(server.heard().toString('hex')).toBe(request);
    }
  });

  it.each(['disable', 'allow', 'prefer', 'require', 'verify-ca'])(
    'and sslmode=%s is refused before it is asked',
    async (mode) => {
      const desk = parseDatabaseUrl(`postgresql://u@127.0.0.1/x?sslmode=${mode}`);
      const { transportProblem } = await import('../../../src/provision/settings/database-url.ts');
      expect('url' in desk && transportProblem(desk.url)).toMatchObject({ code: 'database-url-tls' });
    },
  );
});

describe.skipIf(needs(...clusterNeeds))('a PostgreSQL', () => {
  const { certrelay, at } = workplace();
  let open: Cluster;
  let closed: Cluster;

  beforeAll(async () => {
    [open, closed] = [await Cluster.start(undefined, { ssl: 'off' }), await Cluster.start()];
    const names = [
      '--server',
      'relay.example.com',
      '--client',
      'a.example.com',
      '--os',
      'debian12',
      '--client-os',
      'debian12',
    ];
    const made = await certrelay('init', ...names, ...closed.options, '--yes');
    expect([made.status, made.stderr]).toEqual([0, '']);
    for (const cluster of [open, closed]) cluster.migrate(at('out'));
    copyFileSync(closed.issuer, at('issuer.pem'));
  }, 120_000);
  afterAll(() => Promise.all([open?.remove(), closed?.remove()]));

  it('without TLS is refused on loopback, whatever the password', async () => {
    const refused = await certrelay('publish', '--check', '--database-file', open.urlFile('certrelay_writer'));
    expect([refused.status, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/declines TLS; no login was sent\n *hint: /),
    ]);
    expect(refused.stderr).not.toContain(passwords.certrelay_writer);
  });

  it('on loopback is asked by the servers with a proof, too', async () => {
    const rendered = readFileSync(at('out/hosts/relay.example.com/relay_clientcerts.pgsql'), 'utf8');
    expect(rendered).toMatch(
      /^hosts = postgresql:\/\/certrelay_reader@localhost:\d+\/certrelay\?sslmode=verify-full&sslrootcert=/m,
    );
    const names = [
      '--server',
      's.example.com',
      '--client',
      'c.example.com',
      '--os',
      'debian12',
      '--out',
      'new',
      '--yes',
    ];
    const url = (query: string) => [
      '--table-type',
      'pgsql',
      '--database',
      `postgresql://certrelay_reader@127.0.0.1/x${query}`,
    ];
    const noIssuer = await certrelay('init', ...names, ...url(''));
    expect([noIssuer.status, noIssuer.stderr]).toEqual([2, expect.stringContaining('without the issuer')]);
    const weak = await certrelay('init', ...names, ...url('?sslmode=disable'), '--database-ca', 'issuer.pem');
    expect([weak.status, weak.stderr]).toEqual([
      2,
      expect.stringContaining('sslmode=disable lets whoever sits between'),
    ]);
  });

  it('without TLS is reached over its socket', async () => {
    const url = `postgresql://postgres@:${open.port}/certrelay?host=${open.folder}`;
    const { status, stderr } = await certrelay('publish', '--check', '--database', url);
    expect([status, stderr]).toEqual([6, '']);
  });

  it('with TLS is reached by a name of its certificate, and by no other issuer', async () => {
    const file = closed.urlFile('certrelay_writer');
    expect((await certrelay('publish', '--check', '--database-file', file)).status).toBe(6);
    const other = await certrelay('publish', '--check', '--database-file', file, '--database-ca', 'out/ca/cacert.pem');
    expect([other.status, other.stderr]).toEqual([1, expect.stringContaining('is not to be believed')]);
  });

  it.each([
    ['another issuer', 'localhost', 'out/ca/cacert.pem'],
    ['another name', '127.0.0.2', 'issuer.pem'],
  ])('is not taken for another that proves %s: it hears a handshake and no more', async (_what, host, issuer) => {
    const inside: Buffer[] = [];
    const context = createSecureContext({
      cert: readFileSync(`${closed.folder}/data/server.pem`),
      key: readFileSync(`${closed.folder}/data/server.key`),
    });
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.write('S');
        const secure = new TLSSocket(socket, { isServer: true, secureContext: context });
        secure.on('error', () => {});
        secure.on('data', (data) => inside.push(data));
      });
    });
    servers.push(server.listen(0, '0.0.0.0'));
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    writeFileSync(at('url'), `postgresql://certrelay_writer:${password}@${host}:${port}/certrelay`, { mode: 0o600 });
    const refused = await certrelay('publish', '--check', '--database-file', 'url', '--database-ca', issuer);
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('is not to be believed')]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(Buffer.concat(inside).toString()).toBe('');
  });
});
