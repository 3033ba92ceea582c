import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readLogLine } from '../../../src/diagnose/maillog/line.ts';
import { MailLogReader } from '../../../src/diagnose/maillog/reader.ts';
import type { MailLog } from '../../../src/diagnose/maillog/session.ts';

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8');

function read(...texts: readonly string[]): MailLog {
  const reader = new MailLogReader();
  for (const [index, text] of texts.entries()) {
    text.split('\n').forEach((line, at) => {
      reader.take(line, { file: `${index}.log`, line: at + 1, column: 1 });
    });
  }
  return reader.end();
}

const denied = '<myemail@outside.org>: Relay access denied';
const smtpd = 'connect from client.example.com[192.0.2.1]';

describe('a line, however it is wrapped', () => {
  it.each([
    ['syslog', `Nov 30 21:40:39 mx postfix/smtpd[7859]: ${smtpd}`, 'Nov 30 21:40:39', 'mx'],
    ['syslog of the first days', `Nov  3 21:40:39 mx postfix/smtpd[7859]: ${smtpd}`, 'Nov  3 21:40:39', 'mx'],
    ['syslog with a priority', `<22>Nov 30 21:40:39 mx postfix/smtpd[7859]: ${smtpd}`, 'Nov 30 21:40:39', 'mx'],
    [
      'syslog with the year before',
      `2014 Nov 30 21:40:39 mx postfix/smtpd[7859]: ${smtpd}`,
      '2014 Nov 30 21:40:39',
      'mx',
    ],
    [
      'syslog with the year within',
      `Nov 30 2014 21:40:39 mx postfix/smtpd[7859]: ${smtpd}`,
      'Nov 30 2014 21:40:39',
      'mx',
    ],
    [
      'syslog with fractions',
      `Nov 30 21:40:39.123456 mx postfix/smtpd[7859]: ${smtpd}`,
      'Nov 30 21:40:39.123456',
      'mx',
    ],
    [
      'rsyslog with RFC 3339',
      `2023-11-30T21:40:39.123456+01:00 mx postfix/smtpd[7859]: ${smtpd}`,
      '2023-11-30T21:40:39.123456+01:00',
      'mx',
    ],
    [
      'journalctl -o short-iso',
      `2023-11-30T21:40:39+0100 mx postfix/smtpd[7859]: ${smtpd}`,
      '2023-11-30T21:40:39+0100',
      'mx',
    ],
    [
      'journalctl -o short-full',
      `Thu 2023-11-30 21:40:39 CET mx postfix/smtpd[7859]: ${smtpd}`,
      '2023-11-30 21:40:39',
      'mx',
    ],
    ['journalctl -o short-unix', `1701376839.123456 mx postfix/smtpd[7859]: ${smtpd}`, '1701376839.123456', 'mx'],
    ['RFC 5424', `<22>1 2023-11-30T21:40:39.003Z mx postfix/smtpd 7859 - - ${smtpd}`, '2023-11-30T21:40:39.003Z', 'mx'],
    [
      'RFC 5424 with structured data',
      `<22>1 2023-11-30T21:40:39.003Z mx postfix/smtpd 7859 - [origin@1 ip="192.0.2.9"][x y="a\\]b"] ﻿${smtpd}`,
      '2023-11-30T21:40:39.003Z',
      'mx',
    ],
    [
      'journalctl -o json',
      JSON.stringify({
        __REALTIME_TIMESTAMP: '1701376839123456',
        _HOSTNAME: 'mx',
        SYSLOG_IDENTIFIER: 'postfix/smtpd',
        _PID: '7859',
        MESSAGE: smtpd,
      }),
      '2023-11-30T20:40:39.123Z',
      'mx',
    ],
    [
      'journalctl -o json, message as bytes',
      JSON.stringify({
        _HOSTNAME: 'mx',
        SYSLOG_IDENTIFIER: 'postfix/smtpd',
        SYSLOG_PID: '7859',
        MESSAGE: [...smtpd].map((character) => character.charCodeAt(0)),
      }),
      '',
      'mx',
    ],
    ['a container', `mail-1  | Nov 30 21:40:39 mx postfix/smtpd[7859]: ${smtpd}`, 'Nov 30 21:40:39', 'mx'],
    ['grep with file names', `mail.log:Nov 30 21:40:39 mx postfix/smtpd[7859]: ${smtpd}`, 'Nov 30 21:40:39', 'mx'],
    ['nothing before the program', `postfix/smtpd[7859]: ${smtpd}`, '', ''],
  ])('%s', (_name, text, time, host) => {
    expect(readLogLine(text)).toEqual({ time, host, name: 'postfix/smtpd', pid: 7859, message: smtpd });
  });

  it.each([
    ['another program', 'Nov 30 21:40:39 mx dovecot[7859]: imap-login: Login: user=<a>'],
    [
      'another program with a slash',
      'Nov 30 21:40:39 mx spamd/child[7859]: connect from client.example.com[192.0.2.1]',
    ],
    ['a web server', '192.0.2.1 - - [30/Nov/2023:21:40:39 +0100] "GET / HTTP/1.1" 200 12'],
    ['an entry of another program', '{"SYSLOG_IDENTIFIER":"cron","MESSAGE":"postfix/smtpd[1]: x"}'],
    ['no JSON', '{"SYSLOG_IDENTIFIER":"postfix/smtpd"'],
    ['nothing', ''],
  ])('passes over %s', (_name, text) => {
    expect(readLogLine(text)).toBeUndefined();
  });

  it('knows instances and services by the name they log under', () => {
    const programs = ['postfix/smtpd', 'postfix-out/smtpd', 'postfix/submission/smtpd'].map((name) => {
      const [session] = read(`Nov 30 21:40:39 mx ${name}[1]: ${smtpd}`).servers;
      return session?.from;
    });
    expect(programs).toEqual([
      { instance: 'postfix', program: 'smtpd', host: 'mx' },
      { instance: 'postfix-out', program: 'smtpd', host: 'mx' },
      { instance: 'postfix', service: 'submission', program: 'smtpd', host: 'mx' },
    ]);
  });
});

describe('the logs of the case', () => {
  it('tell the session on the server', () => {
    const log = read(fixture('case/server.log'));
    expect(log.servers).toHaveLength(1);
    expect(log.servers[0]).toMatchObject({
      pid: 7859,
      client: { name: 'client.example.com', address: '192.168.1.1' },
      tls: { trust: 'Trusted', protocol: 'TLSv1.2', cipher: 'ECDHE-RSA-AES256-GCM-SHA384' },
      certificate: {
        subject: 'client.example.com',
        issuer: 'ca.example.com',
        fingerprint: '12:34:56:78:90:AB:CD:EF:FE:DC:BA:09:87:65:43:21:C0:DE:BE:EF',
      },
      replies: [
        {
          stage: 'rcpt',
          code: 454,
          enhanced: '4.7.1',
          text: denied,
          sender: 'root@client.example.com',
          recipient: 'myemail@outside.org',
          protocol: 'ESMTP',
          helo: 'client.example.com',
          where: { file: '0.log', line: 3 },
        },
      ],
      ended: 'disconnect',
      begun: false,
    });
    // Whoever asked hid the fingerprint of the public key.
    expect(log.servers[0]?.certificate?.publicKeyFingerprint).toBeUndefined();
  });

  it('tell the delivery on the client', () => {
    const log = read(fixture('case/client.log'));
    expect(log.deliveries).toHaveLength(1);
    expect(log.deliveries[0]).toMatchObject({
      queueId: '563502306537',
      recipient: 'myemail@outside.org',
      relay: { name: 'server.example.com', address: '192.168.1.2', port: '25' },
      status: 'deferred',
      dsn: '4.7.1',
      reply: { stage: 'rcpt', code: 454, enhanced: '4.7.1', text: denied },
      tls: { trust: 'Trusted', protocol: 'TLSv1.2' },
      certificate: { subject: 'server.example.com', issuer: 'ca.example.com' },
    });
  });
});

describe.each(['3.5', '3.7', '3.10'])('logs that Postfix %s wrote', (version) => {
  const server = read(fixture(`maillog/postfix-${version}-server.log`));
  const client = read(fixture(`maillog/postfix-${version}-client.log`));

  it('name the release', () => {
    expect(server.version?.text.startsWith(`${version}.`)).toBe(true);
  });

  it('tell trust and fingerprints as far as the log level has them', () => {
    const refused = server.servers.filter(({ replies }) => replies[0]?.text === denied && replies[0].code === 454);
    expect(refused.map(({ tls, tlsBegun, certificate }) => [tls?.trust, tlsBegun, certificate?.subject])).toEqual([
      [undefined, true, undefined],
      ['Trusted', true, undefined],
      ['Trusted', true, 'client.example.com'],
    ]);
    const [, , full] = refused;
    expect(full?.certificate?.fingerprint).toMatch(/^[0-9A-F]{2}(:[0-9A-F]{2}){19}$/);
    expect(full?.certificate?.publicKeyFingerprint).toMatch(/^[0-9A-F]{2}(:[0-9A-F]{2}){19}$/);
    // Levels 2 and 3 say the same of a session.
    expect(full?.alike).toBe(2);
  });

  it('tell accepted mail with the addresses that the queue knows', () => {
    const accepted = server.servers.flatMap(({ replies }) => replies.filter(({ code }) => code === 250));
    expect(accepted.map(({ sender, recipient }) => [sender, recipient])).toEqual(
      expect.arrayContaining([
        ['root@client.example.com', 'a@outside.org'],
        ['root@client.example.com', 'b@outside.org'],
        ['root@client.example.com', 'myemail@outside.org'],
      ]),
    );
  });

  it('tell certificates that no authority vouches for, none at all, and another digest', () => {
    const shown = server.servers
      .filter(({ replies }) => replies[0]?.code === 554 && replies[0].recipient === 'myemail@outside.org')
      .map(({ tls, certificate, from }) => [
        from.service,
        tls?.trust,
        certificate?.subject,
        certificate?.fingerprint?.split(':').length,
      ]);
    expect(shown).toEqual(
      expect.arrayContaining([
        [undefined, 'Untrusted', 'self.example.com', 20],
        [undefined, 'Anonymous', undefined, undefined],
        [undefined, 'Trusted', 'client.example.com', 32],
        [undefined, undefined, undefined, undefined],
        ['submission', 'Trusted', 'client.example.com', 20],
      ]),
    );
  });

  it('tell a client refused when it connects, with its port', () => {
    const [session] = server.servers.filter(({ replies }) => replies[0]?.stage === 'connect');
    expect(session?.client).toMatchObject({ name: 'client.example.com', address: '127.0.0.9' });
    expect(session?.client.port).toMatch(/^\d+$/);
    expect(session?.replies[0]).toMatchObject({ code: 554, enhanced: '5.7.1' });
    expect(session?.tlsBegun).toBe(false);
  });

  it('tell of a server that dies, and of a key that does not fit', () => {
    const fatal = server.trouble.filter(({ level }) => level === 'fatal').map(({ text }) => text);
    expect(fatal[0]).toMatch(
      /^in parameter smtpd_relay_restrictions or smtpd_recipient_restrictions, specify at least/,
    );
    const texts = server.trouble.map(({ text }) => text);
    expect(texts.some((text) => text.includes('bad command startup -- throttling'))).toBe(true);
    expect(texts.some((text) => text.includes('key values mismatch'))).toBe(true);
  });

  it('tell what the client heard', () => {
    const statuses = client.deliveries.map(({ sender, recipient, status, reply }) => [
      sender,
      recipient,
      status,
      reply?.code,
    ]);
    expect(statuses).toEqual(
      expect.arrayContaining([
        ['root@client.example.com', 'myemail@outside.org', 'deferred', 454],
        ['root@client.example.com', 'myemail@outside.org', 'sent', undefined],
        ['root@client.example.com', 'myemail@outside.org', 'bounced', 554],
        ['', 'root@client.example.com', 'bounced', 554],
      ]),
    );
    expect(client.deliveries.some(({ certificate }) => certificate?.subject === 'server.example.com')).toBe(true);
  });
});

describe('sessions', () => {
  const line = (pid: number, message: string, host = 'mx') =>
    `Nov 30 21:40:39 ${host} postfix/smtpd[${pid}]: ${message}`;
  const refused = (client: string, code: string) =>
    `NOQUEUE: reject: RCPT from ${client}: ${code} <a@b.example>: Relay access denied; from=<> to=<a@b.example> proto=SMTP helo=<x>`;

  it('that are written in turns are kept apart', () => {
    const log = read(
      [
        line(1, 'connect from a.example[192.0.2.1]'),
        line(2, 'connect from b.example[192.0.2.2]'),
        line(1, 'connect from c.example[192.0.2.3]', 'other'),
        line(2, refused('b.example[192.0.2.2]', '454 4.7.1')),
        line(1, refused('a.example[192.0.2.1]', '554 5.7.1')),
        line(2, 'disconnect from b.example[192.0.2.2]'),
        line(1, 'disconnect from a.example[192.0.2.1]'),
        line(1, 'disconnect from c.example[192.0.2.3]', 'other'),
      ].join('\n'),
    );
    expect(log.servers.map(({ client, replies }) => [client.name, replies[0]?.code])).toEqual([
      ['b.example', 454],
      ['a.example', 554],
      ['c.example', undefined],
    ]);
  });

  it('of a process used again begin anew, also where the end of the first is missing', () => {
    const log = read(
      [
        line(1, 'connect from a.example[192.0.2.1]'),
        line(1, 'Trusted TLS connection established from a.example[192.0.2.1]: TLSv1.2 with cipher X (256/256 bits)'),
        line(1, 'connect from a.example[192.0.2.1]'),
        line(1, refused('a.example[192.0.2.1]', '554 5.7.1')),
        line(1, refused('b.example[192.0.2.2]', '554 5.7.1')),
      ].join('\n'),
    );
    expect(log.servers.map(({ client, tls, begun, ended }) => [client.name, tls?.trust, begun, ended])).toEqual([
      ['a.example', 'Trusted', true, 'cut'],
      ['a.example', undefined, true, 'cut'],
      ['b.example', undefined, false, 'cut'],
    ]);
  });

  it('go on in the next file of a rotated log', () => {
    const [session] = read(
      line(1, 'connect from a.example[192.0.2.1]'),
      `${line(1, refused('a.example[192.0.2.1]', '554 5.7.1'))}\n${line(1, 'disconnect from a.example[192.0.2.1]')}`,
    ).servers;
    expect(session).toMatchObject({ begun: true, ended: 'disconnect', where: { file: '0.log' } });
    expect(session?.replies[0]?.where).toEqual({ file: '1.log', line: 1, column: 1 });
  });

  it('tell a login, a name that does not lead back, and what a mail filter refused', () => {
    const [session] = read(
      [
        line(1, 'warning: hostname liar.example does not resolve to address 192.0.2.1: Name or service not known'),
        line(1, 'connect from unknown[192.0.2.1]'),
        line(1, 'warning: hostname liar.example does not resolve to address 192.0.2.1'),
        line(1, '4AbCdEfGhIj: client=unknown[192.0.2.1], sasl_method=PLAIN, sasl_username=joe@example.com'),
        line(
          1,
          '4AbCdEfGhIj: milter-reject: END-OF-MESSAGE from unknown[192.0.2.1]: 5.7.1 Spam; from=<a@b.example> to=<c@d.example> proto=ESMTP helo=<x>',
        ),
        line(
          1,
          'NOQUEUE: milter-reject: RCPT from unknown[192.0.2.1]: 550 5.7.1 No; from=<a@b.example> to=<c@d.example> proto=ESMTP helo=<x>',
        ),
        line(1, 'lost connection after RCPT from unknown[192.0.2.1]'),
        line(1, 'disconnect from unknown[192.0.2.1] ehlo=1 mail=1 rcpt=0/1 commands=2/3'),
      ].join('\n'),
    ).servers;
    expect(session).toMatchObject({
      sasl: { user: 'joe@example.com', method: 'PLAIN' },
      reverseName: 'liar.example',
      tlsBegun: false,
      ended: 'lost',
    });
    expect(session?.replies.map(({ stage, code, by }) => [stage, code, by])).toEqual([
      ['rcpt', 250, undefined],
      ['rcpt', 550, 'milter'],
    ]);
  });

  it('that are alike are counted, and no more are kept than there is room for', () => {
    const reader = new MailLogReader();
    let at = 0;
    const take = (message: string) => reader.take(message, { file: 'x', line: ++at, column: 1 });
    for (let i = 0; i < 9_000; i++) {
      const client = `unknown[10.${i >> 8}.${i & 255}.1]`;
      take(line(i, `connect from ${client}`));
      take(line(i, refused(client, '554 5.7.1')));
      take(line(i, `disconnect from ${client}`));
    }
    for (let i = 0; i < 3; i++) {
      take(line(i, 'connect from good.example[192.0.2.1]'));
      take(
        line(
          i,
          'Trusted TLS connection established from good.example[192.0.2.1]: TLSv1.2 with cipher X (256/256 bits)',
        ),
      );
      take(line(i, refused('good.example[192.0.2.1]', '554 5.7.1')));
      take(line(i, 'disconnect from good.example[192.0.2.1]'));
    }
    const log = reader.end();
    const kept = log.servers.reduce((sum, { alike }) => sum + alike, 0);
    expect(log.servers.length).toBe(2_000);
    expect(kept + log.leftOut).toBe(9_003);
    // The client that showed a certificate came last, and is there.
    expect(log.servers.find(({ client }) => client.name === 'good.example')?.alike).toBe(3);
  });
});
