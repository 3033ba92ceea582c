import type { Answered } from './dialogue.ts';
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

/** The verdict of one path: the last recipient's, or that of the last reply where no recipient was named. */
export function verdictOf(replies: readonly Answered[], discarded: boolean): VerdictName {
  let decisive: Answered | undefined;
  for (let i = replies.length - 1; i >= 0; i--) {
    const answered = replies[i];
    if (answered?.stage !== 'rcpt') continue;
    decisive = answered;
    break;
  }
  decisive ??= replies.at(-1);
  if (decisive === undefined || decisive.reply.code >= 400) return 'reject';
  return discarded ? 'discard' : 'permit';
}
