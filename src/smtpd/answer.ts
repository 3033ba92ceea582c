import type { PostfixConfig } from '../postfix/config.ts';
import type { Answered } from './answered.ts';
import type { Place } from './place.ts';
import type { Effect } from './run.ts';
import type { Verdict } from './verdict.ts';

/** A verdict as data: one line of a batch. */
export interface Answer {
  readonly id?: unknown;
  readonly verdict: Verdict['verdict'];
  readonly replies: readonly ReplyAnswer[];
  readonly effects: readonly Effect[];
  readonly warnings: readonly string[];
  readonly missing: readonly string[];
  readonly fatal?: string;
}

export interface ReplyAnswer {
  readonly stage: string;
  readonly code: number;
  readonly enhanced?: string;
  readonly recipient?: string;
  readonly text?: string;
  readonly decidedBy?: Decider;
}

/** The element that decided, by its outermost list; `within` are the classes and tables below it. */
export interface Decider {
  readonly list: string;
  readonly index: number;
  readonly restriction: string;
  readonly argument?: string;
  /** True: the configuration does not set this list. */
  readonly default: boolean;
  readonly within?: readonly Place[];
}

export function answerOf(verdict: Verdict, config: PostfixConfig, id?: unknown): Answer {
  return {
    ...(id === undefined ? {} : { id }),
    verdict: verdict.verdict,
    replies: verdict.replies.map((answered) => replyAnswer(answered, config)),
    effects: verdict.effects,
    warnings: verdict.warnings,
    missing: verdict.missing,
    ...(verdict.fatal === undefined ? {} : { fatal: verdict.fatal }),
  };
}

function replyAnswer({ stage, recipient, reply, decidedBy }: Answered, config: PostfixConfig): ReplyAnswer {
  // Five of these and more for each line of a batch: fields are set one by one, for spreading them takes far longer.
  const answer: { -readonly [field in keyof ReplyAnswer]: ReplyAnswer[field] } = { stage, code: reply.code };
  if (reply.enhanced !== '') answer.enhanced = reply.enhanced;
  if (recipient !== undefined) answer.recipient = recipient;
  if (reply.text !== '') answer.text = reply.text;
  const decider = decidedBy.length === 0 ? undefined : deciderOf(decidedBy, config);
  if (decider !== undefined) answer.decidedBy = decider;
  return answer;
}

export function deciderOf(places: readonly Place[], config: PostfixConfig): Decider | undefined {
  const [first, ...within] = places;
  if (first === undefined) return undefined;
  return { ...first, default: !config.isSet(first.list), ...(within.length === 0 ? {} : { within }) };
}
