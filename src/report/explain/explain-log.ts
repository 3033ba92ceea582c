import type { Evidence } from '../../diagnose/evidence/evidence.ts';
import type { LoggedReply } from '../../diagnose/maillog/session.ts';

const most = 5;

/** What can be said where no session could be played: what the log tells, and what else is needed. */
export function loggedText({ log, server }: Evidence): string {
  if (log === undefined) {
    return server === undefined
      ? ''
      : 'no log and no session were given: what follows is from the configuration alone\n';
  }
  const refusals = [
    ...log.servers.flatMap(({ replies }) => replies),
    ...log.deliveries.flatMap(({ reply }) => reply ?? []),
  ]
    .filter(({ code }) => code >= 400)
    .map(words);
  const stuck = log.deliveries
    .filter(({ status, reply }) => status !== 'sent' && status !== 'deliverable' && reply === undefined)
    .map(({ reason, recipient, where }) => `<${recipient}>: ${reason} (${where.file}:${where.line})`);
  const deaths = log.trouble
    .filter(({ level }) => level === 'fatal' || level === 'panic')
    .map(({ level, text, from, where }) => `${from.program}: ${level}: ${text} (${where.file}:${where.line})`);
  const all = [...new Set([...deaths, ...refusals, ...stuck])];
  if (all.length === 0) return nothingToExplain(log.servers.length + log.deliveries.length, log.postfixLines);
  const lines = all.slice(0, most);
  if (all.length > most) lines.push(`and ${all.length - most} more`);
  if (server === undefined) {
    lines.push('which list refused is in the server\'s configuration: give the output of "postconf -n" on the server');
  }
  return `${lines.join('\n')}\n`;
}

function words({ code, enhanced, text, where }: LoggedReply): string {
  const reply = [String(code), enhanced, text].filter((part) => part !== '').join(' ');
  return `${reply} (${where.file}:${where.line})`;
}

function nothingToExplain(sessions: number, lines: number): string {
  return sessions === 0
    ? `the log tells of no session (${lines} line${lines === 1 ? '' : 's'} of Postfix)\n`
    : `the log tells of ${sessions} session${sessions === 1 ? '' : 's'}, and nothing was refused\n`;
}
