import type { Replay } from '../diagnose/evidence.ts';
import type { LoggedReply } from '../postfix/maillog/session.ts';
import { replyWords } from './explain-words.ts';
import { type Depth, verdictText } from './verdict.ts';

/** One session: what the server said, whether that is what follows from its configuration, and why. */
export function replayText(replay: Replay, depth: Depth): string {
  const { verdict, reasons, trace, logged, agreement, assumed } = replay;
  const nodes = verdict.verdict === 'unknown' ? [] : trace;
  const [reply = '', ...because] = verdictText(verdict, reasons, nodes, depth).trimEnd().split('\n');
  const lines = [...answer(replay, reply), ...because];
  if (assumed.length > 0) lines.push(...assumed.map((words) => `assumed: ${words}`));
  if (verdict.verdict === 'unknown') lines.push(...missingHints(verdict.missing));
  if (logged !== undefined && agreement === 'different') {
    lines.push('the configuration was another one when that was logged, or something that decides was not given');
  }
  return `${lines.join('\n')}\n`;
}

/** The first two lines: the reply, who got it, and whether log and simulator agree. */
function answer({ name, logged, agreement, alike, verdict }: Replay, reply: string): string[] {
  if (logged === undefined) return [reply, `  to ${name}, as the simulator works it out`];
  const said = saidWords(logged);
  const times = alike > 1 ? `, ${alike} times` : '';
  const told = `  the server said so to ${name} (${logged.where.file}:${logged.where.line}${times})`;
  switch (agreement) {
    case 'same':
      return [logged.code < 300 ? reply : said, `${told}; the simulator agrees`];
    case 'different':
      return [said, `${told}; the simulator gets another answer:`, replyWords(verdict)];
    default:
      return [said, `${told}; whether it follows from the configuration cannot be said:`, reply];
  }
}

function saidWords({ code, enhanced, text, recipient }: LoggedReply): string {
  if (code < 300) return `permitted: ${code} ${enhanced}${recipient === undefined ? '' : ` for <${recipient}>`}`;
  return [String(code), enhanced, text].filter((part) => part !== '').join(' ');
}

/** What to do about what is not known. */
function missingHints(missing: readonly string[]): readonly string[] {
  const hints: string[] = [];
  if (missing.some((key) => /fingerprint/.test(key))) {
    hints.push(
      "to do: give the client's certificate (--cert FILE), or a log with smtpd_tls_loglevel = 2 on the server",
    );
  }
  if (missing.some((key) => /\/(?:A|AAAA|MX|TXT|PTR)$|^dns/i.test(key))) hints.push('to do: --resolve asks DNS');
  if (missing.some((key) => /\w:\//.test(key))) hints.push('to do: give the source of the table (--table PATH=FILE)');
  return hints;
}
