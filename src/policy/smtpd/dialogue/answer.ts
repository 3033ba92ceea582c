import type { PostfixConfig } from '../../postfix/config.ts';
import type { Effect } from '../lists/run.ts';
import type { Verdict } from '../lists/verdict.ts';
import type { Place } from '../questions/place.ts';
import type { Answered } from './answered.ts';

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

/** A verdict as `certrelay simulate --batch` and the library give it out; `id` is that of the scenario. */
export function answerOf(verdict: Verdict, config: PostfixConfig, id?: unknown): Answer {
  const { effects, warnings, missing, fatal } = verdict;
  const replies = verdict.replies.map((answered) => replyAnswer(answered, config));
  // One of these for each line of a batch: written out, for an object that is spread together takes as long as the rest.
  const answer: Writable<Answer> =
    id === undefined
      ? { verdict: verdict.verdict, replies, effects, warnings, missing }
      : { id, verdict: verdict.verdict, replies, effects, warnings, missing };
  if (fatal !== undefined) answer.fatal = fatal;
  return answer;
}

type Writable<Fields> = { -readonly [field in keyof Fields]: Fields[field] };

function replyAnswer({ stage, recipient, reply, decidedBy }: Answered, config: PostfixConfig): ReplyAnswer {
  const answer: Writable<ReplyAnswer> = { stage, code: reply.code };
  if (reply.enhanced !== '') answer.enhanced = reply.enhanced;
  if (recipient !== undefined) answer.recipient = recipient;
  if (reply.text !== '') answer.text = reply.text;
  const decider = decidedBy.length === 0 ? undefined : deciderOf(decidedBy, config);
  if (decider !== undefined) answer.decidedBy = decider;
  return answer;
}

function deciderOf(places: readonly Place[], config: PostfixConfig): Decider | undefined {
  const [first] = places;
  if (first === undefined) return undefined;
  const { list, index, restriction, argument } = first;
  const unset = !config.isSet(list);
  const decider: Writable<Decider> =
    argument === undefined
      ? { list, index, restriction, default: unset }
      : { list, index, restriction, argument, default: unset };
  if (places.length > 1) decider.within = places.slice(1);
  return decider;
}
