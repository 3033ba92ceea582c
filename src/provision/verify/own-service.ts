import type { Bench } from '../../policy/identities/judge.ts';
import { overTls, type SessionInput, sessionOf, unlistedCertificate } from '../../policy/identities/sessions.ts';
import { issuesTickets } from '../render/session-tickets.ts';
import { type Expectation, expectations } from './expectations.ts';
import type { Row } from './verify.ts';

/**
 * What must hold of a service that is for the clients alone: whomever the rest of the server serves without a certificate
 * (itself, those who log in, anybody who has mail for its own recipients) is refused here, over TLS too.
 */
export const ownServiceExpectations: readonly Expectation[] = expectations.map((expectation) =>
  expectation.wanted === 'as-base' ? refused(expectation) : expectation,
);

function refused(expectation: Expectation): Expectation {
  return {
    ...expectation,
    wanted: 'refuse',
    *sessions(situation) {
      for (const { who, session } of expectation.sessions(situation)) yield { who, session: encrypted(session) };
    },
  };
}

/** Plain text is refused whoever says it, and shows nothing else. */
function encrypted(session: SessionInput): SessionInput {
  return session.tls === null ? { ...session, tls: overTls(null) } : session;
}

/** The other services must not accept the sessions of this one, where a certificate may stand for more, or a revoked one. */
export function ticketsRow({ config }: Pick<Bench, 'config'>, address: string): Row {
  const isIssued = issuesTickets(config);
  return {
    ...{ id: 'session-tickets', doc: 'session tickets for other services', wanted: 'refuse', sessions: 1 },
    outcome: isIssued ? 'broken' : 'met',
    witness: {
      who: 'anyone with a certificate of the same authority who resumes the session on another port',
      session: sessionOf({ address, tls: overTls(unlistedCertificate(true, '')) }),
      judgement: isIssued
        ? {
            verdict: 'unknown',
            reply: 'issued, and every other service accepts them',
            decidedBy: 'tls_ssl_options',
            missing: [],
          }
        : { verdict: 'reject', reply: '', decidedBy: '', missing: [] },
    },
  };
}
