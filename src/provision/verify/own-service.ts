import { overTls, type SessionInput } from '../../policy/identities/sessions.ts';
import { type Expectation, expectations } from './expectations.ts';

/**
 * What must hold of a service that is for the clients alone: whomever the rest of the server serves without a certificate
 * (itself, those who log in, anybody who has mail for its own recipients) is a stranger here, over TLS too.
 */
export const ownServiceExpectations: readonly Expectation[] = expectations.map((expectation) =>
  expectation.wanted === 'as-base' ? asStranger(expectation) : expectation,
);

function asStranger(expectation: Expectation): Expectation {
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
