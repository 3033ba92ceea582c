import type { Answered } from '../smtpd/dialogue/answered.ts';
import { decisiveReply, type Verdict } from '../smtpd/lists/verdict.ts';
import type { Program } from '../smtpd/start/compile.ts';
import type { Outcome } from './result.ts';

const nothing: readonly never[] = [];

/**
 * What a dialogue came to, for its one recipient: accepted after all commands, or refused by the first of them that was.
 * A connection that is dropped without a reply accepts nothing.
 */
export function outcomeOf(
  replies: readonly Answered[],
  {
    discard,
    hangup,
    fatal,
  }: { readonly discard: boolean; readonly hangup: boolean; readonly fatal: string | undefined },
): Outcome {
  if (fatal !== undefined) {
    return { verdict: 'fatal', stage: 'rcpt', code: 0, enhanced: '', decidedBy: nothing, permits: nothing, fatal };
  }
  const recipient = decisiveReply(replies);
  const accepted = recipient?.stage === 'rcpt' && recipient.reply.code < 400;
  const refused = accepted
    ? replies.find(({ stage, reply }) => (stage === 'data' || stage === 'end-of-data') && reply.code >= 400)
    : (replies.find(({ reply, decidedBy }) => reply.code >= 400 && decidedBy.length > 0) ?? recipient);
  const decisive = refused ?? (accepted ? recipient : undefined);
  if (decisive === undefined || (hangup && refused === undefined) || (!accepted && decisive.reply.code < 400)) {
    return {
      verdict: 'reject',
      stage: recipient?.stage ?? 'connect',
      code: 0,
      enhanced: '',
      decidedBy: nothing,
      permits: nothing,
    };
  }
  const { stage, reply, decidedBy, permits } = decisive;
  const verdict = refused !== undefined ? 'reject' : discard ? 'discard' : 'permit';
  return { verdict, stage, code: reply.code, enhanced: reply.enhanced, decidedBy, permits };
}

/** The same of what the simulator says of a session of one recipient. */
export function outcomeOfVerdict({ verdict, replies, fatal }: Verdict, data: boolean): Outcome {
  const complete = replies.at(-1)?.stage === (data ? 'end-of-data' : 'rcpt');
  const hangup = !complete && !replies.some(({ reply }) => reply.code >= 400);
  return outcomeOf(replies, { discard: verdict === 'discard', hangup, fatal });
}

/** Whether two outcomes are the same for the client and for whoever reads the configuration. */
export function sameOutcome(a: Outcome, b: Outcome): boolean {
  return (
    a.verdict === b.verdict &&
    a.code === b.code &&
    a.enhanced === b.enhanced &&
    a.stage === b.stage &&
    a.fatal === b.fatal
  );
}

/** Whether they name the same element of the same list, too. */
function sameDecider(a: Outcome, b: Outcome): boolean {
  const [first] = a.decidedBy;
  const [second] = b.decidedBy;
  return first?.list === second?.list && first?.index === second?.index;
}

/** Whether what the simulator did with a session of a path is what the path says. */
export function agree(simulated: Outcome, expected: Outcome, { parts }: Program): boolean {
  // A reply filter may put any code in place of the server's own.
  const filtered = parts?.settings.writer.idle === false;
  return (
    sameDecider(simulated, expected) &&
    (filtered ? simulated.verdict === expected.verdict : sameOutcome(simulated, expected))
  );
}
