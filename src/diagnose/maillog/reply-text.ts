import type { Span } from '../../lib/problem.ts';
import type { LoggedReply, LoggedStage } from './session.ts';

/** The commands that lines of smtpd(8) name, and those in "in reply to … command" of smtp(8). */
const stages: Readonly<Record<string, LoggedStage>> = {
  CONNECT: 'connect',
  HELO: 'helo',
  EHLO: 'helo',
  LHLO: 'helo',
  STARTTLS: 'starttls',
  MAIL: 'mail',
  'MAIL FROM': 'mail',
  RCPT: 'rcpt',
  'RCPT TO': 'rcpt',
  DATA: 'data',
  'END-OF-MESSAGE': 'end-of-data',
  'end of DATA': 'end-of-data',
  ETRN: 'etrn',
  VRFY: 'vrfy',
  'initial server greeting': 'connect',
};

/** The stage of the command that smtp(8) names in `(in reply to COMMAND command)`. */
export function stageOf(command: string): LoggedStage {
  return stages[command] ?? 'other';
}

/** `454 4.7.1 <a@example.com>: Relay access denied`, without the codes in `text`. */
export function codesOf(text: string): { code: number; enhanced: string; text: string } | undefined {
  const match = /^([245]\d\d)(?:[ -]([245]\.\d{1,3}\.\d{1,3})(?=\s|$))?(?:[ -](.*))?$/s.exec(text);
  if (match === null) return undefined;
  return { code: Number(match[1]), enhanced: match[2] ?? '', text: match[3] ?? '' };
}

/** What follows the reply in a line of smtpd(8); each part may be missing. */
const context =
  /; (?:from=<(.*?)> )?(?:to=<(.*?)> )?(?:proto=(E?SMTP)(?: |$))(?:helo=<(.*?)>(?: |$))?(?:sasl_username=<(.*)>)?$/;

/** The rest of `reject: RCPT from name[address]: …`: the reply, and the session at that moment. */
export function readRefusal(
  stage: LoggedStage,
  rest: string,
  by: 'smtpd' | 'milter',
  where: Span,
): { reply: LoggedReply; saslUser?: string } | undefined {
  const found = context.exec(rest);
  const codes = codesOf(found === null ? rest : rest.slice(0, found.index));
  if (codes === undefined) return undefined;
  const [, sender, recipient, protocol, helo, saslUser] = found ?? [];
  return {
    reply: {
      stage,
      ...codes,
      ...(sender === undefined ? {} : { sender }),
      ...(recipient === undefined ? {} : { recipient }),
      ...(helo === undefined ? {} : { helo }),
      ...(protocol === undefined ? {} : { protocol: protocol === 'SMTP' ? 'SMTP' : 'ESMTP' }),
      by,
      where,
    },
    ...(saslUser === undefined ? {} : { saslUser }),
  };
}
