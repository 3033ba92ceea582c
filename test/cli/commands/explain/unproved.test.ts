import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { workbench } from './workbench.ts';

const fixture = (name: string) => readFileSync(new URL(`../../../fixtures/case/${name}`, import.meta.url), 'utf8');
const server = fixture('server.postconf');
const log = fixture('server.log');
const table = fixture('relay_clientcerts');
const give = '--table /etc/postfix/relay_clientcerts=FILE';

describe('the case without its map', () => {
  it.each([
    ['alone', ['server.postconf']],
    ['with the log', ['server.postconf', 'server.log']],
  ])('says what is needed for a proof: %s', async (_, files) => {
    const bench = workbench({ 'server.postconf': server, 'server.log': log });
    const { code, out } = await bench.explain(files);
    expect(code).toBe(5);
    expect(out).toContain('no repair is proved: hash:/etc/postfix/relay_clientcerts was not given');
    expect(out).toContain(give);
    const document = await bench.document(files);
    expect(document).toMatchObject({ repairs: [], unproved: { hint: expect.stringContaining(give) } });
  });

  it('says nothing of that once it is given, or where there is nothing to repair', async () => {
    const bench = workbench({ 'server.postconf': server, relay_clientcerts: table });
    expect((await bench.explain(['server.postconf', 'relay_clientcerts'])).out).not.toContain('no repair is proved');
    const list = 'permit_tls_clientcerts, reject_unauth_destination';
    const fine = workbench({ 'fine.cf': `${server}smtpd_relay_restrictions = ${list}\n` });
    expect((await fine.explain(['fine.cf'])).out).not.toContain('no repair is proved');
  });
});

it('says what the answer hangs on where that is the client', async () => {
  const bench = workbench({
    'server.postconf': server,
    'server.log': log,
    relay_clientcerts: 'somebody client.example.com\n',
  });
  const { out } = await bench.explain(['server.postconf', 'relay_clientcerts', 'server.log']);
  expect(out).toContain('no repair is proved: whether it helps hangs on public key fingerprint sha1');
});

describe('a log without its TLS lines', () => {
  const silent = log
    .split('\n')
    .filter((line) => !/TLS|subject_CN/.test(line))
    .join('\n');
  const bench = workbench({ 'server.postconf': server, relay_clientcerts: table, 'mail.log': silent, 'all.log': log });

  it('is no evidence of a certificate, and the proof says so', async () => {
    const { out } = await bench.explain(['server.postconf', 'relay_clientcerts', 'mail.log']);
    expect(out).toContain('whether the client showed a certificate, and which, is not known');
    expect(out).not.toMatch(/^the client showed/m);
    expect(out).toContain(
      'proved: if its certificate is the one listed in relay_clientcerts:1, the session then gets 250 2.1.5',
    );
  });

  it('with them there is nothing to suppose', async () => {
    const { out } = await bench.explain(['server.postconf', 'relay_clientcerts', 'all.log']);
    expect(out).toContain('the client showed a trusted certificate of "client.example.com"');
    expect(out).toContain('proved: the session then gets 250 2.1.5');
  });
});
