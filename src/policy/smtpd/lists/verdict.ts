import type { Answered } from '../dialogue/answered.ts';
import type { Effect } from './run.ts';

export type VerdictName = 'permit' | 'reject' | 'discard' | 'unknown' | 'fatal';

/** What a server would do with a session, and why. */
export interface Verdict {
  readonly verdict: VerdictName;
  readonly replies: readonly Answered[];
  readonly effects: readonly Effect[];
  /** What Postfix itself would log, in its words. */
  readonly warnings: readonly string[];
  /** For unknown: the questions whose answers decide. */
  readonly missing: readonly string[];
  /** For fatal: the line with which the server process dies. */
  readonly fatal?: string;
}

/** The reply that a verdict is about: the last recipient's, or the last one where no recipient was named. */
export function decisiveReply(replies: readonly Answered[]): Answered | undefined {
  for (let i = replies.length - 1; i >= 0; i--) {
    if (replies[i]?.stage === 'rcpt') return replies[i];
  }
  return replies.at(-1);
}

/**
 * The verdict of one path. A connection that ends without a reply accepts nothing: `cutShort` says that it ended so before
 * DATA, whatever was answered until then.
 */
export function verdictOf(replies: readonly Answered[], discarded: boolean, cutShort: boolean): VerdictName {
  if (cutShort) return 'reject';
  const decisive = decisiveReply(replies);
  if (decisive === undefined || decisive.reply.code >= 400) return 'reject';
  return discarded ? 'discard' : 'permit';
}
