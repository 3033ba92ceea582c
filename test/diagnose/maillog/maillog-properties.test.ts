import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { readLogLine } from '../../../src/diagnose/maillog/line.ts';
import { MailLogReader } from '../../../src/diagnose/maillog/reader.ts';
import type { MailLog } from '../../../src/diagnose/maillog/session.ts';

function read(lines: readonly string[]): MailLog {
  const reader = new MailLogReader();
  lines.forEach((line, at) => {
    reader.take(line, { file: 'mail.log', line: at + 1, column: 1 });
  });
  return reader.end();
}

/** One session of one process: what it logs, line by line. */
const session = fc.record({
  number: fc.integer({ min: 1, max: 250 }),
  refused: fc.boolean(),
  trusted: fc.constantFrom('Trusted', 'Untrusted', 'Anonymous'),
  ends: fc.boolean(),
});

function messages({
  number,
  refused,
  trusted,
  ends,
}: {
  number: number;
  refused: boolean;
  trusted: string;
  ends: boolean;
}) {
  const client = `c${number}.example[192.0.2.${number}]`;
  return [
    `connect from ${client}`,
    `${trusted} TLS connection established from ${client}: TLSv1.2 with cipher X (256/256 bits)`,
    ...(refused
      ? [
          `NOQUEUE: reject: RCPT from ${client}: 554 5.7.1 <a@b.example>: Relay access denied; from=<> to=<a@b.example> proto=ESMTP helo=<c${number}>`,
        ]
      : []),
    ...(ends ? [`disconnect from ${client}`] : []),
  ];
}

/** What is read of a session, but for when and where it was, and whether its end was seen: alike are those that differ in that. */
function essence({ servers }: MailLog) {
  return servers
    .map(({ client, tls, replies, alike }) =>
      JSON.stringify([client, tls?.trust, replies.map(({ code }) => code), alike]),
    )
    .sort();
}

describe('a mail log', () => {
  test.prop([fc.array(session, { minLength: 1, maxLength: 8 }), fc.array(fc.nat({ max: 7 }), { maxLength: 60 })])(
    'tells the same sessions in whatever turns its processes write',
    (sessions, turns) => {
      const queues = sessions.map((each, index) =>
        messages(each).map((message) => `Nov 30 21:40:39 mx postfix/smtpd[${100 + index}]: ${message}`),
      );
      const oneByOne = queues.flat();
      const left = queues.map((queue) => [...queue]);
      const inTurns: string[] = [];
      for (const turn of turns) {
        const line = left[turn % left.length]?.shift();
        if (line !== undefined) inTurns.push(line);
      }
      inTurns.push(...left.flat());
      expect(essence(read(inTurns))).toEqual(essence(read(oneByOne)));
    },
  );

  test.prop([fc.array(session, { minLength: 1, maxLength: 8 })])(
    'tells the same sessions when one process serves them one after the other',
    (sessions) => {
      const one = sessions.flatMap((each) => messages(each).map((message) => `postfix/smtpd[7]: ${message}`));
      const many = sessions.flatMap((each, index) =>
        messages(each).map((message) => `postfix/smtpd[${index + 7}]: ${message}`),
      );
      expect(essence(read(one))).toEqual(essence(read(many)));
    },
  );

  test.prop([fc.array(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.json()))])(
    'may hold anything: what Postfix did not write is passed over',
    (lines) => {
      const log = read(lines);
      expect(log.lines).toBe(lines.length);
      expect(log.postfixLines).toBe(lines.filter((line) => readLogLine(line) !== undefined).length);
    },
  );

  test.prop([fc.string(), fc.constantFrom('smtpd', 'smtp', 'qmgr', 'master', 'postscreen', 'local')])(
    'may say anything in the name of Postfix',
    (message, program) => {
      const log = read([`Nov 30 21:40:39 mx postfix/${program}[1]: ${message.replaceAll('\n', ' ')}`]);
      expect(log.postfixLines).toBe(1);
      expect(log.servers.length + log.deliveries.length).toBeLessThanOrEqual(1);
    },
  );
});
