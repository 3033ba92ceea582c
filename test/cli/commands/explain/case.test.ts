import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { workbench } from './workbench.ts';

const names = ['server.postconf', 'relay_clientcerts', 'server.log', 'client.log', 'client.postconf'] as const;
const files = Object.fromEntries(
  names.map((name) => [name, readFileSync(new URL(`../../../fixtures/case/${name}`, import.meta.url), 'utf8')]),
);
const four = ['server.postconf', 'relay_clientcerts', 'server.log', 'client.log'];

describe('the case: everything is right but one default', () => {
  const bench = workbench(files);

  it('has its cause and both ways out on the first screen', async () => {
    const { code, out, err } = await bench.explain(four);
    expect([code, err]).toEqual([5, '']);
    const screen = out.split('\n').slice(0, 24).join('\n');
    const [first, second] = out.split('\n');
    expect(first).toBe('454 4.7.1 <myemail@outside.org>: Relay access denied');
    expect(second).toContain('client.example.com[192.168.1.1]');
    expect(second).toContain('server.log:3, client.log:3');
    expect(second).toMatch(/the simulator agrees$/);
    expect(screen).toContain(
      'decided by smtpd_relay_restrictions[2] defer_unauth_destination, a default of Postfix 2.10 that the configuration does not set',
    );
    // Its fingerprint is fine, and the permit was written where it is too late.
    expect(screen).toContain('hash:/etc/postfix/relay_clientcerts lists it (relay_clientcerts:1)');
    expect(screen).toContain(
      'smtpd_recipient_restrictions[0] permit_tls_clientcerts (set in server.postconf:28): not reached: smtpd_relay_restrictions refuses before it',
    );
    expect(screen).toContain('Postfix 2.10.1, as "readme_directory = /usr/share/doc/postfix-2.10.1/README_FILES" says');
    expect(screen).toContain(
      "postconf -e 'smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, permit_tls_clientcerts, defer_unauth_destination'",
    );
    expect(screen).toContain("postconf -e 'smtpd_relay_restrictions ='");
    expect(screen.match(/proved: the session then gets 250 2\.1\.5; lets in nobody else/g)).toHaveLength(2);
    expect(screen).toMatch(/1\. permit_tls_clientcerts into smtpd_relay_restrictions \(recommended\)/);
  });

  it('is detected by content, whatever the file names and in any order', async () => {
    const other = workbench({
      a: files['client.log'] ?? '',
      b: files.relay_clientcerts ?? '',
      c: files['server.postconf'] ?? '',
      d: files['client.postconf'] ?? '',
      e: (files['server.log'] ?? '').replaceAll('\n', '\r\n'),
    });
    const { code, out } = await other.explain(['a', 'b', 'c', 'd', 'e']);
    expect(code).toBe(5);
    expect(out).toContain('decided by smtpd_relay_restrictions[2] defer_unauth_destination');
    expect(out).toContain('(e:3, a:3); the simulator agrees');
    expect(out).toContain('hash:/etc/postfix/relay_clientcerts lists it (b:1)');
  });

  it('as a document', async () => {
    const document = await bench.document(four);
    expect(document.schema).toBe('certrelay/explain@1');
    expect(document.postfix).toMatchObject({ version: '2.10.1', how: 'path' });
    expect(document.sessions).toHaveLength(1);
    expect(document.sessions[0]).toMatchObject({
      agreement: 'same',
      verdict: 'reject',
      reply: { code: 454, enhanced: '4.7.1', text: '<myemail@outside.org>: Relay access denied' },
      decidedBy: { list: 'smtpd_relay_restrictions', index: 2, restriction: 'defer_unauth_destination' },
    });
    expect(document.findings[0]).toMatchObject({ id: 'relay-list-default', severity: 'error', decisive: true });
    const offered = document.repairs.filter((repair) => repair.offered);
    expect(offered.map(({ commands }) => commands)).toEqual([
      [
        "postconf -e 'smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, permit_tls_clientcerts, defer_unauth_destination'",
      ],
      ["postconf -e 'smtpd_relay_restrictions ='"],
    ]);
    for (const { sessions } of offered) {
      expect(sessions.map(({ before, after }) => [before.slice(0, 3), after.slice(0, 3)])).toEqual([['454', '250']]);
    }
    expect(offered.map(({ preferred }) => preferred)).toEqual([true, false]);
  });

  it('is permitted once either repair is made, and then there is nothing but notes to find', async () => {
    const document = await bench.document(four);
    for (const { commands } of document.repairs.filter(({ offered }) => offered)) {
      const line = /'(.*)'/.exec(commands[0] ?? '')?.[1] ?? '';
      const repaired = workbench({ ...files, 'main.cf': `${files['server.postconf']}${line}\n` });
      // The log tells what was; with it the disagreement is the news.
      const given = ['main.cf', 'relay_clientcerts', 'server.log'];
      const { code, out } = await repaired.explain(given, { severity: 'warning' });
      expect(out).toContain('the simulator gets another answer:\npermit: 250 2.1.5');
      expect([code, out.includes('no findings')]).toEqual([0, true]);
    }
  });

  it('without tables and client: what is taken to be so is said', async () => {
    const alone = workbench({ 'main.cf': files['server.postconf'] ?? '', log: files['client.log'] ?? '' });
    const { code, out } = await alone.explain(['main.cf', 'log']);
    expect(code).toBe(5);
    expect(out.split('\n')[0]).toBe('454 4.7.1 <myemail@outside.org>: Relay access denied');
    expect(out).toContain("assumed: the client's log does not tell its address");
  });

  it('depths show the tree', async () => {
    const mattered = await bench.explain(four, { explain: true });
    expect(mattered.out).toContain(
      'RCPT <myemail@outside.org>: smtpd_relay_restrictions[0] permit_mynetworks: goes on',
    );
    const full = await bench.explain(four, { explain: 'full' });
    expect(full.out).toContain('+smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated');
    expect(full.out.length).toBeGreaterThan(mattered.out.length);
  });

  it('among unlisted clients that are refused rightly', async () => {
    const strangers = Array.from({ length: 300 }, (_, i) => {
      const line = (message: string) => `Nov 30 21:40:39 server postfix/smtpd[${i + 9}]: ${message}\n`;
      const who = `unknown[10.0.${i >> 8}.${i & 255}]`;
      const tail = `from=<s@z.example> to=<x@y.example> proto=ESMTP helo=<h${i}>`;
      const code =
        i % 2 === 0
          ? '454 4.7.1 <x@y.example>: Relay access denied'
          : '550 5.7.1 <x@y.example>: Sender address rejected';
      return line(`connect from ${who}`) + line(`NOQUEUE: reject: RCPT from ${who}: ${code}; ${tail}`);
    });
    const crowd = workbench({
      ...files,
      'mail.log': `${strangers.join('')}${files['server.log']}${strangers.join('')}`,
    });
    const { out } = await crowd.explain(['server.postconf', 'mail.log']);
    expect(out).toMatch(
      /^454 4\.7\.1 <myemail@outside\.org>: Relay access denied\n {2}the server said so to client\.example\.com/,
    );
    expect(out).toContain('what to change, one of 2:');
    expect(out).toContain('other sessions:');
    expect(out).toMatch(/\(3\d\d sessions, unknown\[10\.0\.\d+\.\d+\] and \d+ more\)/);
    // What the configuration does not explain is not passed over.
    expect(out).toContain('550 5.7.1 <x@y.example>: Sender address rejected, where the simulator gets 454 4.7.1');
  });

  it('findings alone, for a code scanner and for GitHub, and fewer of them', async () => {
    const sarif = await bench.explain([...four, 'client.postconf'], { format: 'sarif' });
    const log = JSON.parse(sarif.out) as { version: string; runs: { results: { ruleId: string }[] }[] };
    expect([sarif.code, log.version]).toEqual([5, '2.1.0']);
    const ids = log.runs[0]?.results.map(({ ruleId }) => ruleId) ?? [];
    expect(ids[0]).toBe('relay-list-default');
    expect(ids).toContain('client-plain-text');
    const github = await bench.explain([...four, 'client.postconf'], { format: 'github', severity: 'error' });
    expect(github.out).toMatch(/^::error file=server\.postconf,line=28/);
    expect(github.out).not.toContain('client-plain-text');
  });

  it('the session from options instead of a log', async () => {
    const { code, out } = await bench.explain(['server.postconf', 'relay_clientcerts'], {
      clientAddress: '192.168.1.1',
      clientName: 'client.example.com',
      fingerprint: ['sha1=12:34:56:78:90:AB:CD:EF:FE:DC:BA:09:87:65:43:21:C0:DE:BE:EF'],
      from: 'root@client.example.com',
      to: ['myemail@outside.org'],
    });
    expect(code).toBe(5);
    expect(out).toMatch(
      /^454 4\.7\.1 <myemail@outside\.org>: Relay access denied\n {2}to client\.example\.com\[192\.168\.1\.1\]/,
    );
  });

  it('an expectation decides the exit code', async () => {
    expect((await bench.explain(four, { expect: '454' })).code).toBe(0);
    expect((await bench.explain(four, { expect: 'permit' })).code).toBe(3);
  });
});

describe('the release', () => {
  const text = (files['server.postconf'] ?? '').replace(/^(?:readme|sample)_directory.*\n/gm, '');

  it('is a guess where nothing tells, and what hangs on it is said', async () => {
    const bench = workbench({ ...files, 'main.cf': text });
    const { out } = await bench.explain(['main.cf', 'relay_clientcerts', 'server.log']);
    expect(out).toMatch(/^Postfix 3\.11\.\d+, assumed: nothing given names the release; --postfix does$/m);
    expect(out).toMatch(/^ {2}2\.9: permit: 250 2\.1\.5$/m);
    expect(out).toMatch(/^ {2}2\.10 to [\d.]+: 454 4\.7\.1 <myemail@outside\.org>: Relay access denied$/m);
  });

  it('is read from mail_version before paths, from the log before guessing, and an option is before all', async () => {
    const started =
      'Nov 30 21:00:00 server postfix/master[1]: daemon started -- version 3.7.11, configuration /etc/postfix\n';
    const bench = workbench({
      ...files,
      'version.cf': `${files['server.postconf']}mail_version = 2.11.3\n`,
      'plain.cf': text,
      'started.log': `${started}${files['server.log']}`,
    });
    const read = async (args: readonly string[], postfix?: string) => {
      const { postfix: release } = await bench.document(args, postfix === undefined ? {} : { postfix });
      return [release?.version, release?.how];
    };
    expect(await read(['version.cf', 'server.log'])).toEqual(['2.11.3', 'mail_version']);
    expect(await read(['plain.cf', 'started.log'])).toEqual(['3.7.11', 'log']);
    expect(await read(['server.postconf', 'started.log'])).toEqual(['2.10.1', 'path']);
    expect(await read(['server.postconf', 'started.log'], '3.5.25')).toEqual(['3.5.25', 'given']);
  });

  it('that is out of range is one clear error', async () => {
    const bench = workbench({ ...files, 'old.cf': (files['server.postconf'] ?? '').replaceAll('2.10.1', '2.6.6') });
    const { code, err } = await bench.explain(['old.cf', 'server.log']);
    expect(code).toBe(2);
    expect(err).toContain('outside the range 2.9 to 3.11');
    expect(err).toContain('postfix-2.6.6');
    expect(err).toContain('--postfix');
  });
});
