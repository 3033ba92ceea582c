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
  const decider = deciderOf(decidedBy, config);
  return {
    stage,
    code: reply.code,
    ...(reply.enhanced === '' ? {} : { enhanced: reply.enhanced }),
    ...(recipient === undefined ? {} : { recipient }),
    ...(reply.text === '' ? {} : { text: reply.text }),
    ...(decider === undefined ? {} : { decidedBy: decider }),
  };
}

export function deciderOf(places: readonly Place[], config: PostfixConfig): Decider | undefined {
  const [first, ...within] = places;
  if (first === undefined) return undefined;
  return { ...first, default: !config.isSet(first.list), ...(within.length === 0 ? {} : { within }) };
}
