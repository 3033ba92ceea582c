import type { LoggedReply } from '../postfix/maillog/session.ts';
import type { Answered } from '../smtpd/answered.ts';
import type { Verdict } from '../smtpd/verdict.ts';
import type { Agreement } from './evidence.ts';

/**
 * Whether the reply of a log is the one that was worked out. A log leaves out what smtpd_reject_footer adds, and
 * smtpd(8) logs a refusal as it was before soft_bounce made it a temporary one.
 */
export function agreementOf(
  logged: LoggedReply | undefined,
  verdict: Verdict,
  answered: Answered | undefined,
  softBounce: boolean,
): Agreement {
  if (logged === undefined) return 'nothing to compare';
  // What a mail filter says is nothing that a configuration tells.
  if (verdict.verdict === 'unknown' || logged.by === 'milter') return 'unknown';
  if (answered === undefined) return 'different';
  const { code, enhanced, text } = answered.reply;
  if (logged.code < 300) return code < 300 ? 'same' : 'different';
  const sameCodes =
    (code === logged.code && enhanced === logged.enhanced) ||
    (softBounce && softened(logged.code) === code && softened(logged.enhanced) === enhanced);
  return sameCodes && sameText(logged, code, text) ? 'same' : 'different';
}

/** A permanent refusal as soft_bounce has it. */
function softened<Code extends number | string>(code: Code): Code {
  if (typeof code === 'number') return (code >= 500 ? code - 100 : code) as Code;
  return code.replace(/^5/, '4') as Code;
}

function sameText(logged: LoggedReply, code: number, text: string): boolean {
  // smtp(8) joins the lines of a reply with blanks, each line with its codes.
  const said = logged.text.replace(new RegExp(` ${code}[ -](?:[245]\\.\\d+\\.\\d+ )?`, 'g'), '\n');
  const own = text.replaceAll('\r', '');
  return said === own || own.startsWith(`${said}\n`) || (logged.by === 'smtpd' && own.startsWith(said));
}
