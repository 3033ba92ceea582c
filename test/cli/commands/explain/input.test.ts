import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { workbench } from './workbench.ts';

const fixture = (name: string) => readFileSync(new URL(`../../../fixtures/case/${name}`, import.meta.url), 'utf8');
const server = fixture('server.postconf');
const table = fixture('relay_clientcerts');
const log = fixture('server.log');
const start = { 'main.cf': server, relay_clientcerts: table, 'server.log': log };

describe('partial input gets an answer', () => {
  it('a log without its TLS lines', async () => {
    const bench = workbench({
      ...start,
      'mail.log': log
        .split('\n')
        .filter((line) => !/TLS|subject_CN/.test(line))
        .join('\n'),
    });
    const { code, out } = await bench.explain(['main.cf', 'relay_clientcerts', 'mail.log']);
    expect(code).toBe(5);
    expect(out).toContain('the simulator agrees');
    expect(out).toContain('assumed: the log does not tell whether TLS was used: it was');
    expect(out).toContain("postconf -e 'smtpd_relay_restrictions = ");
  });

  it('a log without its TLS lines, where the answer hangs on them and the reply settles it', async () => {
    // The recipient list comes first before level 3.6 and refuses whoever is not listed with 554.
    const mainCf = `${server.replace(/^(readme|sample)_dir.*\n/gm, '')}compatibility_level = 2\n`;
    const quiet = (code: string) =>
      log
        .split('\n')
        .filter((line) => !/TLS|subject_CN/.test(line))
        .join('\n')
        .replace('454 4.7.1', code);
    const bench = workbench({
      ...start,
      'main.cf': mainCf,
      'listed.log': quiet('454 4.7.1'),
      'other.log': quiet('554 5.7.1'),
    });
    const read = async (name: string) => (await bench.document(['main.cf', name], { postfix: '3.7' })).sessions[0];
    expect(await read('listed.log')).toMatchObject({
      agreement: 'same',
      decidedBy: { list: 'smtpd_relay_restrictions' },
      assumed: expect.arrayContaining([expect.stringContaining('that relay_clientcerts lists it')]),
    });
    expect(await read('other.log')).toMatchObject({
      agreement: 'same',
      decidedBy: { list: 'smtpd_recipient_restrictions' },
      assumed: expect.arrayContaining([expect.stringContaining('that relay_clientcerts does not list it')]),
    });
  });

  it.each([
    [
      'in the middle of a name',
      server.slice(0, server.indexOf('smtpd_recipient') + 8),
      /is cut off in line 28, "smtpd_re"/,
    ],
    [
      'in the middle of a value',
      server.slice(0, server.indexOf('/samples')),
      /seems to be cut off after "sample_directory"/,
    ],
    [
      'at the end of a line',
      server.slice(0, server.indexOf('readme_directory')),
      /seems to be cut off after "queue_directory"/,
    ],
    ['behind what matters', server.slice(0, server.indexOf('_loglevel')), /is cut off in line 34, "smtpd_tls"/],
    ['in its last value', server.slice(0, -3), /the last line of main\.cf has no line end and may be cut off/],
  ])('a listing that was cut %s', async (_where, text, message) => {
    const bench = workbench({ ...start, 'main.cf': text });
    const { code, out } = await bench.explain(['main.cf', 'server.log'], { postfix: '2.10' });
    expect(out.split('\n')[0]).toMatch(message);
    expect(out).toContain('454 4.7.1 <myemail@outside.org>: Relay access denied');
    expect([3, 5]).toContain(code);
  });

  it('a client that was gone before its address was known', async () => {
    const line = (message: string) => `Nov 30 21:40:39 server postfix/smtpd[9]: ${message}\n`;
    const gone =
      line('connect from unknown[unknown]') +
      line(
        'NOQUEUE: reject: RCPT from unknown[unknown]: 554 5.7.1 <a@b.example>: Relay access denied; from=<> to=<a@b.example> proto=SMTP helo=<x>',
      );
    const bench = workbench({ ...start, 'mail.log': gone + log });
    const { sessions, log: told } = await bench.document(['main.cf', 'mail.log']);
    expect(sessions.map(({ name }) => name)).toEqual(['client.example.com[192.168.1.1], Nov 30 21:40:39']);
    expect(told?.leftOut).toBe(1);
  });

  it('the output of postconf instead of postconf -n', async () => {
    const all = Array.from({ length: 500 }, (_, i) => `zz_parameter_${i} = x\n`).join('');
    const bench = workbench({ ...start, 'main.cf': `${server}${all}` });
    const { out } = await bench.explain(['main.cf', 'server.log']);
    expect(out.split('\n')[0]).toMatch(/main\.cf is the output of "postconf": every default in it reads as if/);
    expect(out).toContain('454 4.7.1 <myemail@outside.org>: Relay access denied');
  });

  it('a whole listing raises no alarm', async () => {
    const { problems } = await workbench(start).document(['main.cf', 'server.log']);
    expect(problems).toEqual([]);
  });

  it('logs alone, and a client alone', async () => {
    const bench = workbench({ ...start, 'client.log': fixture('client.log'), 'client.cf': fixture('client.postconf') });
    const logs = await bench.explain(['server.log', 'client.log']);
    expect(logs.code).toBe(4);
    expect(logs.out).toMatch(/^454 4\.7\.1 <myemail@outside\.org>: Relay access denied \(server\.log:3\)\n/);
    expect(logs.out).toContain('give the output of "postconf -n" on the server');
    const client = await bench.explain(['client.cf', 'client.log']);
    expect(client.out).toContain('give the output of "postconf -n" on the server');
    expect([4, 5]).toContain(client.code);
  });

  it('a configuration alone: what a listed client would get', async () => {
    const { code, out } = await workbench(start).explain(['main.cf']);
    expect(code).toBe(5);
    expect(out).toContain('to a client with the certificate client.example.com, as the simulator works it out');
    expect(out).toContain(
      '/etc/postfix/relay_clientcerts is read from relay_clientcerts, which lies beside the configuration',
    );
  });

  it('a table that was not given makes the answer unknown only where it decides', async () => {
    const relay = 'smtpd_relay_restrictions = permit_tls_clientcerts, defer_unauth_destination\n';
    const bare = workbench({ 'main.cf': server + relay, 'server.log': log, 'old.cf': server });
    const unknown = await bare.explain(['main.cf', 'server.log'], { severity: 'error' });
    expect(unknown.out).toContain('whether it follows from the configuration cannot be said');
    expect(unknown.out).toContain('to do: give the source of the table (--table PATH=FILE)');
    const known = await bare.explain(['old.cf', 'server.log']);
    expect(known.out).toContain('the simulator agrees');
  });

  it('a list of fingerprints that the configuration does not name, or is cut off before', async () => {
    const without = server.replace(/^relay_clientcerts.*\n/m, '');
    const cut = server.slice(0, server.indexOf('relay_clientcerts') + 5);
    const bench = workbench({ 'main.cf': without, 'cut.cf': cut, 'map/list': table, 'server.log': log });
    const unnamed = await bench.explain(['main.cf', 'map/list', 'server.log']);
    expect(unnamed.code).toBe(5);
    expect(unnamed.out).toContain('warning: "map/list" lists fingerprints, and the configuration names no such table');
    expect(unnamed.out).toContain('[map-not-set]');
    const partial = await bench.explain(['cut.cf', 'map/list', 'server.log']);
    expect(partial.out).toMatch(/is cut off in line \d+, "relay"/);
    expect(partial.out).toContain('the simulator agrees');
  });

  it('files behind an option that takes several values', async () => {
    const bench = workbench({ 'a.cf': server, map: table, 'mail.log': log });
    const pair = '/etc/postfix/relay_clientcerts=map';
    const behindTable = await bench.explain([], { table: [pair, 'a.cf', 'mail.log'] });
    expect(behindTable.out).toContain('lists it (map:1)');
    const behindLog = await bench.explain([], { log: ['mail.log', 'a.cf', 'map'], table: [pair] });
    expect(behindLog.out).toContain('(mail.log:3); the simulator agrees');
    const behindTo = await bench.explain(['a.cf'], { to: ['myemail@outside.org', 'mail.log'] });
    expect(behindTo.out).toContain('(mail.log:3); the simulator agrees');
  });

  it('a log from standard input, packed, rotated, with CRLF and a byte order mark', async () => {
    const [first = '', second = '', ...rest] = log.split('\n');
    const bench = workbench({
      ...start,
      'mail.log.1.gz': gzipSync(`${first}\n${second}\n`),
      'mail.log': rest.join('\r\n'),
      'marked.log': `﻿${log}`,
    });
    const fromInput = await bench.explain(['main.cf'], { log: ['-'] }, log);
    expect(fromInput.out).toContain('(standard input:3); the simulator agrees');
    const rotated = await bench.explain(['main.cf', 'mail.log.1.gz', 'mail.log']);
    expect(rotated.out).toContain('(mail.log:1); the simulator agrees');
    expect(rotated.out).toContain('the client showed a trusted certificate');
    expect((await bench.explain(['main.cf', 'marked.log'])).out).toContain('(marked.log:3); the simulator agrees');
  });
});

describe('wrong input gets one clear error', () => {
  const bench = workbench({
    ...start,
    binary: new Uint8Array(3000).map((_, index) => (index * 7919) % 256),
    'map.db': new Uint8Array(512).fill(0).map((_, index) => [0x61, 0x15, 0x06, 0x00][index - 12] ?? 0),
    'mail.log.xz': new Uint8Array([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]),
    empty: '',
    comments: '# nothing\n\n',
    'access.log': '192.0.2.1 - - [30/Nov/2023:21:40:39 +0100] "GET / HTTP/1.1" 200 12\n',
    'dovecot.log': 'Nov 30 21:40:39 mx dovecot[1]: imap-login: Login\nNov 30 21:40:40 mx cron[2]: x\n',
    'other.cf': server,
    nets: '192.0.2.0/24 OK\n198.51.100.0/24 REJECT\n',
    'broken.pem': '-----BEGIN CERTIFICATE-----\nMIIB\n',
    'damaged.gz': gzipSync(log).subarray(0, 150),
  });

  it.each([
    ['a binary file', ['main.cf', 'binary'], {}, '"binary" is binary'],
    ['a compiled table', ['main.cf', 'map.db'], {}, '"map.db" is a compiled table'],
    ['a packed log of another kind', ['main.cf', 'mail.log.xz'], {}, '"mail.log.xz" is compressed'],
    ['an empty file', ['main.cf', 'empty'], {}, '"empty" is empty'],
    ['comments', ['main.cf', 'comments'], {}, '"comments" holds nothing but comments'],
    ['the log of a web server', ['main.cf', 'access.log'], {}, '"access.log" is no configuration, lookup table'],
    ['the log of another program', ['main.cf', 'dovecot.log'], {}, 'no line of Postfix in "dovecot.log" (2 lines)'],
    ['the same by option', ['main.cf'], { log: ['access.log'] }, 'no line of Postfix in "access.log" (1 line)'],
    ['a binary table', ['main.cf'], { table: ['/etc/postfix/relay_clientcerts=binary'] }, '"binary" is binary'],
    ['a binary configuration', [], { mainCf: 'binary' }, '"binary" is binary'],
    ['a binary log', ['main.cf'], { log: ['binary'] }, 'no line of Postfix in "binary"'],
    ['an empty log', ['main.cf'], { log: ['empty'] }, '"empty" is empty'],
    ['nothing on standard input', ['main.cf'], { log: ['-'] }, 'standard input is empty'],
    ['a missing file', ['main.cf', 'nosuch.log'], {}, 'cannot read "nosuch.log": there is no such file'],
    ['a folder', ['main.cf', '.'], {}, 'cannot read ".": it is a folder'],
    ['two servers', ['main.cf', 'other.cf'], {}, 'more than one configuration of a server: "main.cf" and "other.cf"'],
    ['a table that nothing names', ['main.cf', 'nets'], {}, '"nets" looks like a lookup table, and no parameter names'],
    ['a damaged certificate', ['main.cf', 'broken.pem'], {}, 'has no END line: the file is truncated'],
    ['a damaged packed log', ['main.cf'], { log: ['damaged.gz'] }, 'cannot read "damaged.gz"'],
    ['a table alone', ['relay_clientcerts'], {}, 'this alone tells nothing of a refusal'],
    ['nothing', [], {}, 'nothing was given'],
    ['an address that is none', ['main.cf'], { clientAddress: 'nonsense' }, '"nonsense" is not an IP address'],
    ['a service without master.cf', ['main.cf'], { service: 'submission' }, '--service needs --master-cf'],
    ['a pair that is none', ['main.cf'], { table: ['nosuch'] }, '--table "nosuch" is not PATH=FILE'],
  ] as const)('%s', async (_what, args, options, message) => {
    const { code, out, err } = await bench.explain(args, options);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });
});
