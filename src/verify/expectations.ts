import { overTls, type Presented, type SessionInput, sessionOf, strangersCertificate } from './sessions.ts';

/** One certificate and whose it is. */
export interface Identity {
  readonly client: string;
  readonly serial: string;
  readonly certificate: Presented;
}

/** What is known of the server that is judged. */
export interface Situation {
  /** Certificates that must be able to relay. */
  readonly admitted: readonly Identity[];
  /** Revoked and retired ones, which must not. */
  readonly excluded: readonly Identity[];
  readonly issuer: string;
  /** An address outside the server's own networks. */
  readonly foreignAddress: string;
  readonly localRecipient: string;
  readonly saslInUse: boolean;
}

/**
 * `permit` and `refuse` stand alone; `as-base` wants the verdict that the base gives without the fragment, `as-before` the one
 * that the server gave before a step, but for those whom the step is about.
 */
export type Wanted = 'permit' | 'refuse' | 'as-base' | 'as-before';

export interface Expectation {
  readonly id: string;
  readonly doc: string;
  readonly wanted: Wanted;
  sessions(situation: Situation): readonly { readonly who: string; readonly session: SessionInput }[];
}

const presenting = (identities: readonly Identity[], { foreignAddress }: Situation) =>
  identities.map(({ client, serial, certificate }) => ({
    who: `${client} (serial ${serial})`,
    session: sessionOf({ address: foreignAddress, name: client, tls: overTls(certificate) }),
  }));

/** What must hold of every rendered server, in the order in which the report shows it. */
export const expectations: readonly Expectation[] = [
  {
    id: 'listed',
    doc: 'listed certificate',
    wanted: 'permit',
    sessions: (situation) => presenting(situation.admitted, situation),
  },
  {
    id: 'stranger-trusted',
    doc: "stranger's certificate, same authority",
    wanted: 'refuse',
    sessions: ({ foreignAddress, issuer }) => [
      {
        who: 'stranger',
        session: sessionOf({ address: foreignAddress, tls: overTls(strangersCertificate(true, issuer)) }),
      },
    ],
  },
  {
    id: 'stranger-untrusted',
    doc: "stranger's certificate, other authority",
    wanted: 'refuse',
    sessions: ({ foreignAddress, issuer }) => [
      {
        who: 'stranger',
        session: sessionOf({ address: foreignAddress, tls: overTls(strangersCertificate(false, issuer)) }),
      },
    ],
  },
  {
    id: 'no-certificate',
    doc: 'TLS without a certificate',
    wanted: 'refuse',
    sessions: ({ foreignAddress }) => [
      { who: 'anyone', session: sessionOf({ address: foreignAddress, tls: overTls(null) }) },
    ],
  },
  {
    id: 'plain-text',
    doc: 'plain text',
    wanted: 'refuse',
    sessions: ({ foreignAddress }) => [
      { who: 'anyone', session: sessionOf({ address: foreignAddress }) },
      { who: 'anyone without a name', session: sessionOf({ address: foreignAddress, name: 'unknown' }) },
    ],
  },
  {
    id: 'excluded',
    doc: 'revoked or retired certificate',
    wanted: 'refuse',
    sessions: (situation) => presenting(situation.excluded, situation),
  },
  {
    id: 'loopback',
    doc: 'this host itself (127.0.0.1)',
    wanted: 'as-base',
    sessions: () => [{ who: 'localhost', session: sessionOf({ address: '127.0.0.1', name: 'localhost' }) }],
  },
  {
    id: 'sasl',
    doc: 'SASL login',
    wanted: 'as-base',
    sessions: ({ foreignAddress, saslInUse }) =>
      saslInUse
        ? [
            {
              who: 'a SASL user',
              session: sessionOf({
                address: foreignAddress,
                tls: overTls(null),
                sasl: { user: 'user', method: 'PLAIN' },
              }),
            },
          ]
        : [],
  },
  {
    id: 'local-recipient',
    doc: 'mail to a local recipient',
    wanted: 'as-base',
    sessions: ({ foreignAddress, localRecipient }) => [
      { who: 'anyone', session: sessionOf({ address: foreignAddress, to: localRecipient }) },
    ],
  },
];
