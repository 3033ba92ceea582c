import { resolverCuts } from '../address/cuts.ts';
import type { Question } from '../questions/facts.ts';
import type { Questions } from '../questions/questions.ts';

/** How looking an address up went; `routed`: its local part still holds a routing operator. */
export type Resolution = 'plain' | 'routed' | 'failed';

/** What became of a sender or recipient when it was looked up; of no address, and of the null sender, nothing did. */
export function resolutionOf(questions: Questions, party: 'sender' | 'recipient'): Question<Resolution> {
  return questions.once<Resolution>({
    subject: party,
    text: `${party} looked up`,
    literal(session) {
      const mailbox = session[party];
      if (mailbox === undefined || mailbox.text === '') return 'plain';
      const { failed, routed } = mailbox.resolved;
      if (failed) return 'failed';
      return routed ? 'routed' : 'plain';
    },
    cuts: () => resolverCuts(questions.config),
    say: (answer) => (answer === 'failed' ? 'it could not be looked up' : answer),
  });
}

/** Whether the sender is the null sender. */
export function isNullSender(questions: Questions): Question<boolean> {
  return questions.once({
    subject: 'sender',
    text: 'null sender',
    literal: ({ sender }) => sender?.text === '',
    say: (answer) => (answer ? 'yes' : 'no'),
  });
}
