import type { Verdict } from '../../policy/smtpd/lists/verdict.ts';

/** What a verdict comes to, in one line: `454 4.7.1 <a@example.com>: Relay access denied`. */
export function replyWords({ verdict, replies, fatal, missing }: Verdict): string {
  if (verdict === 'fatal') return `the server does not start: ${fatal ?? ''}`;
  if (verdict === 'unknown') return `unknown without ${fewOf(missing)}`;
  const decisive = replies.findLast(({ stage }) => stage === 'rcpt') ?? replies.at(-1);
  if (decisive === undefined) return `${verdict}: the connection ends without a reply`;
  const { code, enhanced, text } = decisive.reply;
  const words = [String(code), enhanced, text.replaceAll('\n', ' ')].filter((part) => part !== '').join(' ');
  return code < 400 ? `${verdict}: ${words}` : words;
}

/** The first of what is missing; a server whose tables are in a database has dozens. */
export function fewOf(missing: readonly string[]): string {
  const most = 3;
  const rest = missing.length - most;
  return `${missing.slice(0, most).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
