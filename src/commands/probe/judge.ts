import type { Exchange, LiveStage, Played } from '../../probe/dialogue.ts';
import type { Answered } from '../../smtpd/answered.ts';
import type { Verdict } from '../../smtpd/verdict.ts';
import type { Credential } from './credential.ts';

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

export function judge({ id }: Role, played: Played, prediction: Verdict | undefined): ProbedSession {
  return { id, played, prediction, isMet: isMet(id, played), agreement: agreement(played, prediction) };
}

/** The listed certificate is to be let in, and nobody else. */
function isMet(id: Role['id'], { outcome, tls }: Played): boolean | undefined {
  if (outcome.kind === 'failed') {
    // A server that wants certificates from everybody breaks TLS off, or the session right after it (smtpd_tls_req_ccert).
    const refuses =
      outcome.trouble.code === 'tls-refused' ||
      (tls !== undefined && ['tls-broken', 'hung-up', 'unavailable'].includes(outcome.trouble.code));
    return refuses ? id !== 'listed' : undefined;
  }
  return (outcome.kind === 'permitted') === (id === 'listed');
}

const compared: readonly LiveStage[] = ['connect', 'starttls', 'mail', 'rcpt'];

/** Reply by reply, as far as the session came; the codes count, texts are the postmaster's own. */
function agreement({ outcome, exchanges }: Played, prediction: Verdict | undefined): Agreement {
  if (prediction === undefined) return { kind: 'none' };
  const { verdict, replies, fatal } = prediction;
  if (verdict === 'unknown') return { kind: 'open' };
  if (verdict === 'fatal') return { kind: 'differs', stage: 'connect', predicted: `the server dies: ${fatal ?? ''}` };
  if (outcome.kind === 'failed') return { kind: 'open' };
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
export function answeredLine({ reply }: Answered): string {
  return [String(reply.code), reply.enhanced, reply.text.replaceAll('\n', ' / ')]
    .filter((part) => part !== '')
    .join(' ');
}
