import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Desk } from '../../cli/commands/status/desk.ts';
import { type Behaviour, FakeServer, makePeople } from './fake-server.ts';

const desk = new Desk(new Date());
let people: Awaited<ReturnType<typeof makePeople>>;
const servers: FakeServer[] = [];

beforeAll(async () => {
  people = await makePeople();
  const { client, authority, server } = people;
  const files = { 'client.crt': client.certificatePem, 'client.key': client.keyPem, 'ca.pem': authority };
  for (const [name, text] of Object.entries({ ...files, 'other.key': server.keyPem })) file(name, text);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const cipher = { cipher: 'aes-256-cbc', passphrase: 'secret' };
  file('encrypted.key', String(privateKey.export({ type: 'pkcs8', format: 'pem', ...cipher })));
  const map = `${client.facts.fingerprint.sha256} client.example.com\n`;
  file('relay_clientcerts', map);
  file(
    'main.cf',
    [
      'compatibility_level = 3.6',
      'mynetworks = 192.0.2.1',
      'smtpd_tls_security_level = may',
      'smtpd_tls_chain_files = /etc/postfix/x.pem',
      'smtpd_tls_ask_ccert = yes',
      'smtpd_tls_fingerprint_digest = sha256',
      'relay_clientcerts = texthash:/etc/postfix/relay_clientcerts',
      'smtpd_relay_restrictions = permit_mynetworks, permit_tls_clientcerts, defer_unauth_destination',
      '',
    ].join('\n'),
  );
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function file(name: string, text: string): void {
  writeFileSync(desk.path(name), text, { mode: 0o600 });
}

async function serving(behaviour: Behaviour = {}): Promise<FakeServer> {
  const listed = [people.client.facts.fingerprint.sha256];
  const server = await FakeServer.open(people, { listed, ...behaviour });
  servers.push(server);
  return server;
}

const shown = ['--cert', 'client.crt', '--key', 'client.key', '--ca', 'ca.pem', '--server', 'relay.example.com'];
const predicted = ['--main-cf', 'main.cf', '--postfix', '3.7'];

async function probed(behaviour: Behaviour, ...args: readonly string[]) {
  const server = await serving(behaviour);
  return { ...(await desk.run('probe', `127.0.0.1:${server.port}`, ...args)), port: server.port };
}

async function documentOf(behaviour: Behaviour, ...args: readonly string[]) {
  const { port } = await serving(behaviour);
  return desk.json('probe', `127.0.0.1:${port}`, ...args);
}

describe('certrelay probe', () => {
  it('ends with 0 when all is as it must be, and as predicted', async () => {
    const { code, stdout, port } = await probed({}, ...shown, ...predicted);
    expect(stdout.split('\n').slice(0, 6)).toEqual([
      `as it must be: client.example.com may relay through 127.0.0.1:${port}, and only with its certificate`,
      '',
      '  met     with the certificate of client.example.com: permitted, 250 2.1.5 Ok (as predicted)',
      '  met     without a certificate: refused, 454 4.7.1 Relay access denied (as predicted)',
      "  met     with a stranger's certificate: refused, 454 4.7.1 Relay access denied (as predicted)",
      expect.stringMatching(/^ {2}predicted by main\.cf, Postfix 3\.7\.\d+$/),
    ]);
    expect(code).toBe(0);
    for (const digest of ['sha1', 'sha256', 'sha384', 'sha512'] as const) {
      expect(stdout).toContain(people.client.facts.fingerprint[digest]);
      expect(stdout).toContain(people.server.facts.publicKeyFingerprint[digest]);
    }
    expect(stdout).toContain('  chain   verified\n  name    relay.example.com, as it should be\n');
    expect(stdout).not.toContain('PRIVATE KEY');
  });

  it('says the same to programs, without a secret', async () => {
    const { code, document } = await documentOf({}, ...shown, ...predicted);
    expect([code, document.schema, document.outcome]).toEqual([0, 'certrelay/probe@1', 'as-it-must-be']);
    expect(document.sessions.map(({ id }: { id: string }) => id)).toEqual(['listed', 'no-certificate', 'stranger']);
    expect(document.server.certificates[0].fingerprint.sha256).toBe(people.server.facts.fingerprint.sha256);
    expect(JSON.stringify(document)).not.toMatch(/PRIVATE|"(?:key|der)":/);
  });

  it('predicts nothing where no configuration is known, and that is no failure', async () => {
    const { code, stdout } = await probed({}, ...shown);
    expect(code).toBe(0);
    expect(stdout).toContain('(no prediction: the configuration is not known; give --main-cf FILE or --out DIR)');
  });

  it('shows without a certificate that nobody may relay', async () => {
    const { code, stdout } = await probed({});
    expect(code).toBe(0);
    expect(stdout).toMatch(/^as it must be: .* lets nobody relay without a listed certificate\n/);
    expect(stdout).toContain('  chain   not checked: no authority is known (--ca FILE)\n  name    not checked');
  });

  it.each<readonly [string, Behaviour, readonly string[], RegExp]>([
    [
      'refuses the listed',
      { listed: [] },
      [],
      /^denied: .* refuses client\.example\.com with its certificate: 454 4\.7\.1/,
    ],
    ['lets everybody in', { open: true }, [], /^wrong: .* relays without a certificate\n/],
    [
      'has no STARTTLS',
      { answers: { EHLO: '250 relay\r\n' } },
      [],
      /^denied: .* it does not offer STARTTLS, so no certificate can be shown\n/,
    ],
    [
      'answers otherwise than predicted',
      { secured: { MAIL: '250 2.0.0 Ok\r\n' } },
      predicted,
      /^differs: .*\n {2}with the certificate: predicted at MAIL: 250 2\.1\.0/,
    ],
  ])('ends with 3 where the server %s', async (_, behaviour, args, headline) => {
    const { code, stdout } = await probed(behaviour, ...shown, ...args);
    expect(stdout).toMatch(headline);
    expect(code).toBe(3);
  });

  it('ends with 3 where clients would not trust the server', async () => {
    const others = await makePeople();
    file('others.pem', others.authority);
    const anchored = shown.map((word) => (word === 'ca.pem' ? 'others.pem' : word));
    const { code, stdout } = await probed({}, ...anchored);
    expect(stdout).toMatch(/^wrong: clients of .* would not trust its certificate\n {2}chain: /);
    expect(code).toBe(3);
    const named = shown.map((word) => (word === 'relay.example.com' ? 'other.example.com' : word));
    const other = await probed({}, ...named);
    expect(other.stdout).toContain('  name    not other.example.com: it is for relay.example.com\n');
    expect(other.code).toBe(3);
  });

  it.each<readonly [string, Behaviour]>([
    ['the newest TLS', { strict: true }],
    ['an older TLS', { strict: true, maxVersion: 'TLSv1.2' }],
  ])('takes it for a refusal that a server ends %s where no certificate is shown', async (_, behaviour) => {
    const { code, document } = await documentOf(behaviour, ...shown);
    const rows = document.sessions.map(({ id, outcome, met }: Record<string, unknown>) => [id, outcome, met]);
    expect(rows).toEqual([
      ['listed', 'permitted', true],
      ['no-certificate', 'failed', true],
      ['stranger', 'refused', true],
    ]);
    expect([code, document.server.protocol]).toEqual([0, behaviour.maxVersion ?? 'TLSv1.3']);
  });

  it.each<readonly [string, Behaviour, RegExp]>([
    [
      'has no time',
      { secured: { MAIL: '421 4.3.2 later\r\n' } },
      /^failed: .*: it ends the session: 421 4\.3\.2 later\n/,
    ],
    ['hangs up', { secured: { RCPT: { hangUp: '' } } }, /^failed: .*: it hung up: an answer to "RCPT TO:/],
    ['is silent', { secured: { RCPT: { silent: true } } }, /^failed: .*: no answer within 1 s/],
  ])('ends with 1 where the server %s, and shows how far it came', async (_, behaviour, headline) => {
    const { code, stdout } = await probed(behaviour, ...shown, '--timeout', '1s');
    expect(stdout).toMatch(headline);
    expect(stdout).toContain('  C: MAIL FROM:<root@client.example.com>\n');
    expect(code).toBe(1);
  });

  it('ends with 1 and nothing else where no mail server is', async () => {
    const web = await FakeServer.raw((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    servers.push(web);
    const { code, stdout, problems } = await desk.run('probe', `127.0.0.1:${web.port}`);
    expect({ code, stdout, problems }).toEqual({
      ...{ code: 1, stdout: '' },
      problems: [
        { code: 'probe-not-smtp', message: `"127.0.0.1:${web.port}": that is no mail server but a web server` },
      ],
    });
  });

  it('lets no server steer the terminal', async () => {
    const { stdout } = await probed({ answers: { greeting: '220 \u001b]0;mine\u0007\u202e\r\n' } }, ...shown);
    expect(stdout).toContain('  S: 220 ?]0;mine??\n');
  });

  it('goes by a wrapped port, and to an IPv6 address, whose literal it is for the want of a name', async () => {
    const server = await FakeServer.open(people, { wrapped: true }, '::1');
    servers.push(server);
    const { code, document } = await desk.json('probe', `[::1]:${server.port}`, '--wrapped');
    expect([code, document.place]).toEqual([0, { host: '::1', port: server.port, wrapped: true }]);
    expect(server.heard.slice(0, 2)).toEqual(['EHLO [IPv6:::1]', 'MAIL FROM:<>']);
  });

  it('says what it is told to say', async () => {
    const server = await serving();
    const said = ['--helo', 'me.example.com', '--from', 'jürgen@example.com', '--to', '"a b"@example.org'];
    expect((await desk.run('probe', `localhost:${server.port}`, ...shown, ...said, '-q')).stdout).toBe('');
    expect(server.heard).toContain('EHLO me.example.com');
    expect(server.heard).toContain('MAIL FROM:<jürgen@example.com> SMTPUTF8');
    expect(server.heard).toContain('RCPT TO:<"a b"@example.org>');
    expect(server.heard.some((line) => /^(?:DATA|BDAT)/i.test(line))).toBe(false);
  });

  it.each<readonly [string, readonly string[], string]>([
    ['a line break in an address', ['h', '--to', 'a@b>\r\nDATA'], 'address-invalid'],
    ['an address that ends early', ['h', '--from', 'a@b> SIZE=1'], 'address-invalid'],
    ['a name with a blank', ['h', '--helo', 'a b'], 'helo-invalid'],
    ['an address that is none', ['h', '--client-address', 'me'], 'client-address-invalid'],
    ['an encrypted key', ['h', '--cert', 'client.crt', '--key', 'encrypted.key'], 'key-encrypted'],
    ['a duration that is none', ['h', '--timeout', 'soon'], 'timeout-invalid'],
    ['a port that cannot be', ['h:0'], 'port-invalid'],
    ['a host that cannot be', ['a/b'], 'place-invalid'],
    ['a certificate without a key', ['h', '--cert', 'client.crt'], 'credential-half'],
    ['a key of another certificate', ['h', '--cert', 'client.crt', '--key', 'other.key'], 'key-of-another'],
    ['a file that is no key', ['h', '--cert', 'client.crt', '--key', 'client.crt'], 'key-missing'],
    ['--as without a set-up', ['h', '--as', 'client.example.com'], 'no-set-up'],
    ['--record without a set-up', ['h', '--record'], 'no-set-up'],
    ['--table without main.cf', ['h', '--table', 'a=b'], 'main-cf-missing'],
  ])('refuses %s before it connects', async (_, args, expected) => {
    const { code, problems } = await desk.run('probe', ...args);
    expect([code, problems.map((problem) => problem.code)]).toEqual([2, [expected]]);
  });
});

describe('certrelay probe with a set-up', () => {
  const out = ['--out', 'out'];

  beforeAll(async () => {
    const hosts = ['--server', 'relay.example.com', '--server', 'two.example.com', '--client', 'client.example.com'];
    const made = await desk.run('init', ...hosts, '--postfix', '3.7', '--yes', ...out);
    expect(made.code).toBe(0);
  });

  it('must know which server that is, where an address says nothing', async () => {
    const { code, problems } = await desk.run('probe', '127.0.0.1:1', '--as', 'client.example.com', ...out);
    expect([code, problems[0]?.code]).toEqual([2, 'server-missing']);
  });

  it('takes no server for a client, and nobody for a host', async () => {
    const as = (name: string) => desk.run('probe', 'relay.example.com:1', '--as', name, ...out);
    expect((await as('relay.example.com')).problems[0]?.code).toBe('not-a-client');
    expect((await as('cliemt.example.com')).problems[0]?.hint).toBe('did you mean "client.example.com"?');
  });

  it('notices that a server has not the certificate that was made for it, nor the map', async () => {
    const server = await serving();
    const asked = ['--as', 'client.example.com', '--server', 'relay.example.com', ...out];
    const { code, document } = await desk.json('probe', `127.0.0.1:${server.port}`, ...asked, '--record');
    expect([code, document.outcome, document.server.met]).toEqual([3, 'wrong', false]);
    expect(document.sessions[0].agreement).toMatchObject({ kind: 'differs', stage: 'rcpt' });
    expect(document.recorded).toBeUndefined();
    expect(document.predictedBy).toMatch(/^the files of relay\.example\.com over /);
  });

  it('finds by its fingerprint the server that was made, where clients know it by that', async () => {
    const pinned = ['--out', 'pinned'];
    const hosts = ['--server', 'relay.example.com', '--client', 'client.example.com', '--digest', 'sha256'];
    await desk.run('init', ...hosts, '--client-level', 'fingerprint', '--postfix', '3.7', '--yes', ...pinned);
    const made = (host: string, ending: string) =>
      readFileSync(desk.path(`pinned/hosts/${host}/${host}.${ending}`), 'utf8');
    const own = { certificatePem: made('relay.example.com', 'crt'), keyPem: made('relay.example.com', 'key') };
    const { fingerprint256 } = new X509Certificate(made('client.example.com', 'crt'));
    const asked = (port: number) => ['probe', `127.0.0.1:${port}`, '--as', 'client.example.com', ...pinned];
    // On loopback everybody may relay: what is predicted is for an address elsewhere.
    const elsewhere = ['--client-address', '192.0.2.9'];
    const real = await FakeServer.open({ ...people, server: own }, { listed: [fingerprint256] });
    const other = await FakeServer.open(people, { listed: [fingerprint256] });
    servers.push(real, other);
    const found = await desk.run(...asked(real.port), ...elsewhere, '--record');
    expect(found.stdout).toMatch(/^as it must be: client\.example\.com may relay/);
    expect(found.stdout).toContain('  pin     one that clients know\n');
    // The first certificate was handed over with the set-up, and nobody had said that it is in use.
    expect(found.stdout).toContain('noted in the ledger: the certificate is in use');
    const again = await desk.run(...asked(real.port), ...elsewhere, '--record');
    expect([found.code, again.code, again.stdout.split('\n')[1]]).toEqual([
      ...[0, 0],
      'nothing to note: no rotation waits for this certificate',
    ]);
    const { code, stdout } = await desk.run(...asked(other.port), ...elsewhere);
    expect(stdout).toContain('  its fingerprint is none of those that they know\n');
    expect(code).toBe(3);
  });

  it('refuses to note what the ledger does not have', async () => {
    const asked = [...shown, '--record', ...out];
    expect((await desk.run('probe', 'relay.example.com:1', ...asked)).problems[0]?.code).toBe('record-unknown');
    expect((await desk.run('probe', 'relay.example.com:1', '--record', ...out)).problems[0]?.code).toBe(
      'record-nothing',
    );
  });
});

describe('certrelay fingerprint', () => {
  it('asks a running server, over STARTTLS, and says no more than it must', async () => {
    const server = await serving();
    const { code, stdout } = await desk.run('fingerprint', '--digest', 'sha256', `127.0.0.1:${server.port}`);
    expect([code, stdout]).toEqual([0, `${people.server.facts.fingerprint.sha256} relay.example.com\n`]);
    expect(server.heard).toEqual(['EHLO localhost', 'STARTTLS', 'QUIT']);
  });

  it.each([
    ['replies', '250-evil\r\n250 AUTH PLAIN\r\n'],
    ['half a reply', '250-evil\r\n250 AU'],
    ['what is no reply', 'RCPT TO:<a@b>\r\n'],
    ['octets', '\x16\x03\x01'],
  ])('tells of plain text that came after STARTTLS, beside the fingerprint: %s', async (_what, more) => {
    const inject = `220 2.0.0 Ready\r\n${more}`;
    const server = await serving({ answers: { STARTTLS: { inject } } });
    const place = `127.0.0.1:${server.port}`;
    const lines = await desk.run('fingerprint', '--digest', 'sha256', place);
    expect([lines.code, lines.stdout]).toEqual([0, `${people.server.facts.fingerprint.sha256} relay.example.com\n`]);
    expect(lines.stderr).toMatch(
      new RegExp(`^note: "\\S+" sent ${more.length} octets in plain text after it had agreed to STARTTLS`),
    );
    const { document } = await desk.json('fingerprint', place);
    expect(document.notes).toMatchObject([{ code: 'plain-text-after-starttls' }]);
  });

  it('says why a server shows none', async () => {
    const server = await serving({ answers: { EHLO: '250 relay\r\n' } });
    const { code, stderr } = await desk.run('fingerprint', `127.0.0.1:${server.port}`);
    expect(code).toBe(1);
    expect(stderr).toContain('it does not offer STARTTLS');
  });
});
