import { decisiveReply, type Verdict } from '../../policy/smtpd/lists/verdict.ts';

/** The reply that a verdict is about, for people. */
export function replyWords(verdict: Verdict): string {
  if (verdict.verdict === 'fatal') return `the server does not start: ${verdict.fatal ?? ''}`;
  const reply = decisiveReply(verdict.replies)?.reply;
  if (reply === undefined) return verdict.verdict;
  return [reply.code, reply.enhanced, reply.text].filter((part) => part !== '').join(' ');
}
