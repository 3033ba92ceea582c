import type { Answered } from '../../policy/smtpd/dialogue/answered.ts';
import { decisiveReply, type Verdict } from '../../policy/smtpd/lists/verdict.ts';
import type { Credential } from './credential.ts';
import type { Exchange, LiveStage, Played } from './dialogue.ts';

/** What a session is played for, and so what must become of it. */
export interface Role {
  readonly id: 'listed' | 'no-certificate' | 'stranger';
  readonly credential: Credential | undefined;
}

/** How a session and its prediction agree: `open` when there is no telling what was to be expected. */
export type Agreement =
  | { readonly kind: 'same' }
  | { readonly kind: 'open' }
  | { readonly kind: 'none' }
  | { readonly kind: 'differs'; readonly stage: LiveStage; readonly predicted: string };

/** A session that was played, beside what it should have been. */
export interface ProbedSession {
  readonly id: Role['id'];
  readonly played: Played;
  /** Whether what must become of it did; undefined when trouble kept that from being seen. */
  readonly isMet: boolean | undefined;
  readonly prediction: Verdict | undefined;
  readonly agreement: Agreement;
}

/** `tlsWorked`: a session before this one came as far as TLS. */
export function judge(
  { id }: Role,
  played: Played,
  prediction: Verdict | undefined,
  tlsWorked: boolean,
): ProbedSession {
  const met = isMet(id, played, tlsWorked);
  return { id, played, prediction, isMet: met, agreement: agreement(played, prediction, met !== undefined) };
}

/** The listed certificate is to be let in, and nobody else. */
function isMet(id: Role['id'], played: Played, tlsWorked: boolean): boolean | undefined {
  const { kind } = played.outcome;
  if (kind === 'failed') return isTurnedAway(id, played, tlsWorked) ? id !== 'listed' : undefined;
  return (kind === 'permitted') === (id === 'listed');
}

/**
 * A server that wants a certificate of everybody breaks TLS off, or ends the session as soon as it has begun: Postfix with 421
 * 4.7.1 (postconf(5), smtpd_tls_req_ccert). Whoever ends it later, or for other reasons, says nothing about the certificate.
 */
function isTurnedAway(id: Role['id'], { outcome, tls, exchanges }: Played, tlsWorked: boolean): boolean {
  if (outcome.kind !== 'failed') return false;
  const { stage, trouble } = outcome;
  if (trouble.code === 'tls-refused') return true;
  if (tls !== undefined && stage === 'helo' && trouble.code === 'unavailable')
    return /^4\.7\./.test(exchanges.at(-1)?.reply.enhanced ?? '');
  const isEarly = stage === 'starttls' || stage === 'helo' || stage === 'connect';
  return id !== 'listed' && tlsWorked && isEarly && ['tls-broken', 'hung-up'].includes(trouble.code);
}

const compared: readonly LiveStage[] = ['connect', 'starttls', 'mail', 'rcpt'];

/** Reply by reply, as far as the session came; the codes count, texts are the postmaster's own. */
function agreement({ outcome, exchanges }: Played, prediction: Verdict | undefined, isSeen: boolean): Agreement {
  if (prediction === undefined) return { kind: 'none' };
  const { verdict, replies, fatal } = prediction;
  if (verdict === 'unknown') return { kind: 'open' };
  if (verdict === 'fatal') return { kind: 'differs', stage: 'connect', predicted: `the server dies: ${fatal ?? ''}` };
  if (outcome.kind === 'failed') {
    if (!isSeen) return { kind: 'open' };
    const decisive = decisiveReply(replies);
    const isSame = verdict === 'reject' && (outcome.trouble.code !== 'unavailable' || decisive?.reply.code === 421);
    if (isSame || decisive === undefined) return { kind: 'same' };
    return { kind: 'differs', stage: outcome.stage, predicted: answeredLine(decisive) };
  }
  for (const stage of compared) {
    const live = exchanges.find((one) => one.stage === stage);
    const expected = replies.find((one) => one.stage === stage);
    if (live === undefined || expected === undefined || isSame(live, expected)) continue;
    return { kind: 'differs', stage, predicted: answeredLine(expected) };
  }
  const isPermit = verdict === 'permit' || verdict === 'discard';
  if (isPermit === (outcome.kind === 'permitted')) return { kind: 'same' };
  const stage = outcome.kind === 'refused' ? outcome.stage : 'rcpt';
  return { kind: 'differs', stage, predicted: isPermit ? 'it is permitted' : 'it is refused' };
}

function isSame({ stage, reply }: Exchange, { reply: expected }: Answered): boolean {
  if (reply.code !== expected.code) return false;
  return (stage !== 'mail' && stage !== 'rcpt') || expected.enhanced === '' || reply.enhanced === expected.enhanced;
}

/** A predicted reply in one line. */
function answeredLine({ reply }: Answered): string {
  return [String(reply.code), reply.enhanced, reply.text.replaceAll('\n', ' / ')]
    .filter((part) => part !== '')
    .join(' ');
}
