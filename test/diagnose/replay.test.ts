import { describe, expect, it } from 'vitest';
import type { ServerEvidence } from '../../src/diagnose/evidence/evidence.ts';
import { MailLogReader } from '../../src/diagnose/maillog/reader.ts';
import type { LoggedReply, MailLog } from '../../src/diagnose/maillog/session.ts';
import { acrossReleases } from '../../src/diagnose/replay/releases.ts';
import { agreementOf, Replayer } from '../../src/diagnose/replay/replay.ts';
import { readMainCf } from '../../src/policy/postfix/main-cf.ts';
import { readConfig } from '../../src/policy/postfix/read-config.ts';
import type { Verdict } from '../../src/policy/smtpd/lists/verdict.ts';

const where = { file: 'mail.log', line: 1, column: 1 };

function server(mainCf: string, version = '3.7', tables: Readonly<Record<string, string>> = {}): ServerEvidence {
  const sources = { version, mainCf, tables };
  const config = readConfig(sources);
  return {
    ...{ file: 'main.cf', text: mainCf, certificates: [], keys: [], tables: [] },
    release: { version: config.version, how: 'given', words: '' },
    mainCf: readMainCf(mainCf, 'main.cf', config.version),
    services: [{ name: 'smtp', config, sources }],
  };
}

function replayer(evidence: ServerEvidence, filesAreAll = true): Replayer {
  const known = { certificates: [] };
  return new Replayer({ server: evidence, client: undefined, known, dns: undefined, world: {}, filesAreAll });
}

function logOf(...messages: readonly string[]): MailLog {
  const reader = new MailLogReader();
  for (const message of messages) reader.take(`Nov 30 21:40:39 mx postfix/smtpd[1]: ${message}`, where);
  return reader.end();
}

const base = 'myhostname = mx.example.com\nmynetworks = 127.0.0.0/8\nmydestination = example.com\n';
const client = 'client.example.net[192.0.2.1]';
const envelope = 'from=<a@example.net> to=<b@outside.org> proto=ESMTP helo=<client.example.net>';

describe('a reply of a log', () => {
  const verdict = (code: number, enhanced: string, text: string): Verdict => ({
    ...{ verdict: 'reject', effects: [], warnings: [], missing: [] },
    replies: [
      { stage: 'rcpt', recipient: 'b@outside.org', reply: { code, enhanced, text }, decidedBy: [], permits: [] },
    ],
  });
  const agree = (logged: Omit<LoggedReply, 'where' | 'stage'>, code: number, enhanced: string, text: string) => {
    const decided = verdict(code, enhanced, text);
    return agreementOf({ stage: 'rcpt', where, ...logged }, decided, decided.replies[0]);
  };

  it('agrees where code, status and text do', () => {
    const logged = { code: 554, enhanced: '5.7.1', text: 'no', by: 'smtpd' } as const;
    expect(agree(logged, 554, '5.7.1', 'no')).toBe('same');
    expect(agree(logged, 454, '5.7.1', 'no')).toBe('different');
    expect(agree(logged, 554, '5.7.0', 'no')).toBe('different');
    expect(agree(logged, 554, '5.7.1', 'yes')).toBe('different');
  });

  it('is without the footer in the log of the server, and in one line in the log of the client', () => {
    expect(agree({ code: 554, enhanced: '5.7.1', text: 'no', by: 'smtpd' }, 554, '5.7.1', 'no\ncall us')).toBe('same');
    const joined = { code: 554, enhanced: '5.7.1', text: 'no 554 5.7.1 call us' };
    expect(agree(joined, 554, '5.7.1', 'no\ncall us')).toBe('same');
    expect(agree(joined, 554, '5.7.1', 'no\ncall me')).toBe('different');
  });

  it('of a mail filter is nothing that a configuration tells', () => {
    expect(agree({ code: 554, enhanced: '5.7.1', text: 'no', by: 'milter' }, 250, '2.1.5', '')).toBe('unknown');
  });

  it('that accepts agrees with any that accepts', () => {
    expect(agree({ code: 250, enhanced: '2.1.5', text: '' }, 250, '2.1.5', '')).toBe('same');
    expect(agree({ code: 250, enhanced: '2.1.5', text: '' }, 554, '5.7.1', 'no')).toBe('different');
  });
});

describe('sessions of a log', () => {
  const denied = `NOQUEUE: reject: RCPT from ${client}: 554 5.7.1 <b@outside.org>: Relay access denied; ${envelope}`;

  it('are played on the service that wrote them', () => {
    const { replays } = replayer(server(`${base}smtpd_relay_restrictions = reject_unauth_destination\n`)).ofLog(
      logOf(`connect from ${client}`, denied, `disconnect from ${client}`),
      () => true,
    );
    expect(replays.map(({ agreement, verdict, name }) => [agreement, verdict.verdict, name])).toEqual([
      ['same', 'reject', 'client.example.net[192.0.2.1], Nov 30 21:40:39'],
    ]);
  });

  it('of one connection are looked at reply by reply, refusals first', () => {
    const { replays } = replayer(server(`${base}smtpd_relay_restrictions = reject_unauth_destination\n`)).ofLog(
      logOf(
        `connect from ${client}`,
        `4AbCdEfGhIj: client=${client}`,
        denied,
        denied.replaceAll('b@outside.org', 'c@outside.org'),
        `disconnect from ${client}`,
      ),
      () => true,
    );
    expect(replays.map(({ logged }) => logged?.code)).toEqual([554, 250]);
  });

  it('whose answer hangs on DNS are decided again by who can ask', async () => {
    const evidence = server(
      `${base}smtpd_relay_restrictions = reject_unknown_sender_domain, reject_unauth_destination\n`,
    );
    const plays = replayer(evidence);
    const refusal = `450 4.1.8 <a@example.net>: Sender address rejected: Domain not found`;
    const [open] = plays.ofLog(
      logOf(`connect from ${client}`, `NOQUEUE: reject: RCPT from ${client}: ${refusal}; ${envelope}`),
      () => true,
    ).replays;
    expect([open?.agreement, open?.verdict.verdict]).toEqual(['unknown', 'unknown']);
    if (open === undefined) throw new Error('no session was read');
    const settled = await plays.resolved(open, async (simulator, said) => simulator.decide({ ...said, dns: {} }));
    expect([settled.agreement, settled.reply?.reply.code]).toEqual(['same', 450]);
  });

  it('with a table that was not given are open where it decides, unless all files are there', () => {
    const evidence = server(
      `${base}smtpd_relay_restrictions = check_client_access hash:/etc/postfix/nowhere, reject_unauth_destination\n`,
    );
    const log = logOf(`connect from ${client}`, denied);
    const [open] = replayer(evidence, false).ofLog(log, () => true).replays;
    expect(open?.verdict.missing.join()).toContain('/etc/postfix/nowhere');
    const [missing] = replayer(evidence, true).ofLog(log, () => true).replays;
    expect(missing?.reply?.reply.code).toBe(451);
  });
});

describe('what each release would reply', () => {
  it('is put together where neighbours agree', () => {
    const mainCf = `${base}smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination\n`;
    const evidence = server(mainCf);
    const [replay] = replayer(evidence).ofLog(
      logOf(
        `connect from ${client}`,
        `NOQUEUE: reject: RCPT from ${client}: 554 5.7.1 <b@outside.org>: Relay access denied; ${envelope}`,
      ),
      () => true,
    ).replays;
    if (replay === undefined) throw new Error('no session was read');
    const ranges = acrossReleases(replay, true);
    expect(ranges[0]?.from).toBe('2.9');
    expect(ranges.at(-1)?.to).toBe('3.11');
    // The recipient list refuses for good in all of them; where the relay list comes first, it defers.
    expect(ranges.map(({ verdict }) => verdict.replies.at(-1)?.reply.code)).toContain(554);
    for (const [index, { from }] of ranges.entries()) {
      if (index > 0) expect(ranges[index - 1]?.to).not.toBe(from);
    }
  });
});
