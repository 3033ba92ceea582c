import type { Answered } from '../../policy/smtpd/dialogue/answered.ts';
import type { Verdict } from '../../policy/smtpd/lists/verdict.ts';
import type { Agreement } from '../evidence/evidence.ts';
import type { LoggedReply } from '../maillog/session.ts';

/**
 * Whether the reply of a log is the one that was worked out. smtpd(8) logs a refusal without what smtpd_reject_footer
 * adds to it, and the end of a connection for want of a certificate without the words around its reason. `port` is the
 * client's, where the log names one.
 */
export function agreementOf(
  logged: LoggedReply | undefined,
  verdict: Verdict,
  answered: Answered | undefined,
  port?: string,
): Agreement {
  if (logged === undefined) return 'nothing to compare';
  // What a mail filter says is nothing that a configuration tells.
  if (verdict.verdict === 'unknown' || logged.by === 'milter') return 'unknown';
  if (answered === undefined) return 'different';
  const { code, enhanced, text } = answered.reply;
  if (logged.code < 300) return code < 300 ? 'same' : 'different';
  return code === logged.code && enhanced === logged.enhanced && sameText(withoutPort(logged, port), code, text)
    ? 'same'
    : 'different';
}

function sameText(logged: LoggedReply, code: number, text: string): boolean {
  const own = text.replaceAll('\r', '');
  if (logged.by === 'smtpd')
    return own.startsWith(logged.text) || (logged.stage === 'starttls' && own.endsWith(logged.text));
  // smtp(8) joins the lines of a reply with blanks, each line with its codes.
  return logged.text.replace(new RegExp(` ${code}[ -](?:[245]\\.\\d+\\.\\d+ )?`, 'g'), '\n') === own;
}

function withoutPort(logged: LoggedReply, port: string | undefined): LoggedReply {
  return port === undefined ? logged : { ...logged, text: logged.text.replaceAll(`]:${port}`, ']') };
}
