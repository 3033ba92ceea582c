import type { Origin, PostfixConfig } from '../../postfix/config.ts';
import { decisiveReply, type Verdict } from '../lists/verdict.ts';
import type { Place } from '../questions/place.ts';
import type { Answered } from './answered.ts';
import type { Trace, TraceNode } from './trace.ts';

/** An element of a list with what it had to say. */
export interface Reason {
  readonly place: Place;
  readonly why: string;
}

/** Why a session came out as it did, in words for people. */
export interface Reasons {
  /** The reply that the verdict is about. */
  readonly reply: Answered | undefined;
  /** The elements that decided: the one that refused, or those that permitted. */
  readonly decided: readonly Reason[];
  /** Permits that did not help, in order of evaluation; those never reached come last. */
  readonly unhelped: readonly Reason[];
  /** Where each list that is named was set. */
  readonly origins: Readonly<Record<string, Origin>>;
}

/** Reads the reasons of a verdict off its trace. */
export function reasonsOf(verdict: Verdict, trace: Trace, config: PostfixConfig): Reasons {
  const reply = decisiveReply(verdict.replies);
  const about = trace.nodes.flatMap(flatten).filter((node) => reply !== undefined && concerns(node, reply));
  const deciders = reply === undefined ? [] : reply.decidedBy.length > 0 ? reply.decidedBy.slice(0, 1) : reply.permits;
  const decided = deciders.map((place) => ({ place, why: whyOf(about.find((node) => node.place === place)) }));
  const tried = about
    .filter((node) => isPermit(node.place) && node.status === 'goes on')
    .map((node) => ({ place: node.place, why: whyOf(node) }));
  const missed = verdict.verdict === 'reject' ? unreached(trace, about) : [];
  const unhelped = unique([...tried, ...missed]);
  const lists = new Set([...decided, ...unhelped].map(({ place }) => place.list));
  const origins = Object.fromEntries(
    [...lists].filter((list) => /^[\w]+$/.test(list)).map((list) => [list, config.origin(list)]),
  );
  return { reply, decided, unhelped, origins };
}

function concerns(node: TraceNode, reply: Answered): boolean {
  return reply.stage === 'rcpt'
    ? node.phase === 'rcpt' && (node.recipient === reply.recipient || reply.recipient === undefined)
    : node.phase === reply.stage;
}

function flatten(node: TraceNode): TraceNode[] {
  return [node, ...node.children.flatMap(flatten)];
}

function isPermit(place: Place): boolean {
  return /^(permit_|check_ccert_access)/i.test(place.restriction);
}

/** The permits of lists and classes to which evaluation never came. */
function unreached(trace: Trace, about: readonly TraceNode[]): Reason[] {
  const seen = new Set(about.map((node) => node.place));
  return trace.places
    .filter((place) => isPermit(place) && !seen.has(place))
    .map((place) => ({ place, why: 'not reached' }));
}

function whyOf(node: TraceNode | undefined): string {
  if (node === undefined) return '';
  const own = node.asked.map(({ answer }) => answer).filter((answer) => answer !== '');
  // A certificate that was presented says little; where it was looked for says more.
  return (own.length > 1 && node.asked[0]?.question === 'client certificate' ? own.slice(1) : own).join('; ');
}

function unique(reasons: readonly Reason[]): Reason[] {
  const seen = new Set<string>();
  return reasons.filter(({ place, why }) => {
    const key = `${place.list}[${place.index}] ${why}`;
    return seen.has(key) ? false : seen.add(key);
  });
}
