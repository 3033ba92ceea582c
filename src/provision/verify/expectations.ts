import {
  overTls,
  type Presented,
  type SessionInput,
  sessionOf,
  unlistedCertificate,
} from '../../policy/identities/sessions.ts';

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
  /** Those of them whose sessions are played; absent: all. It is proved that one of these stands for the others. */
  readonly played?: readonly Identity[];
  /** Revoked and retired ones, which must not. */
  readonly excluded: readonly Identity[];
  readonly issuer: string;
  /** An address outside the server's own networks. */
  readonly foreignAddress: string;
  /** Addresses all over the Internet that are outside them. */
  readonly foreignAddresses: readonly string[];
  /** An address in each network that relays without a certificate and is too wide to be anybody's own. */
  readonly wideNetworks: readonly { readonly network: string; readonly address: string }[];
  /** Names of clients that a stranger could claim: in HELO, as sender, and in the DNS of its own address. */
  readonly claimed: readonly string[];
  /** A recipient that the server neither delivers nor relays for. */
  readonly outsideRecipient: string;
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
  /** Made one after the other, for a fleet's would fill the memory. */
  sessions(situation: Situation): Iterable<{ readonly who: string; readonly session: SessionInput }>;
  /** For how many these stand, where it is proved that some are like others. */
  standsFor?(situation: Situation): number;
}

type Sessions = ReturnType<Expectation['sessions']>;

function* presenting(
  identities: readonly Identity[],
  { foreignAddress: address, outsideRecipient: to }: Situation,
  data: boolean,
): Sessions {
  for (const { client, serial, certificate } of identities) {
    const session = sessionOf({ address, name: client, tls: overTls(certificate), to, data });
    yield { who: `${client} (serial ${serial})`, session };
  }
}

/** A stranger as itself, and with the name, HELO and sender of each client: none of these is worth a certificate. */
function claiming({ foreignAddress, outsideRecipient: to, claimed }: Situation, tls: SessionInput['tls']): Sessions {
  const own = { who: 'anyone', session: sessionOf({ address: foreignAddress, tls, to }) };
  const others = claimed.map((name) => ({
    who: `anyone who calls itself ${name}`,
    session: sessionOf({ address: foreignAddress, name, tls, to }),
  }));
  return [own, ...others];
}

/** What must hold of every rendered server, in the order in which the report shows it. */
export const expectations: readonly Expectation[] = [
  {
    id: 'listed',
    doc: 'listed certificate',
    wanted: 'permit',
    sessions: (situation) => presenting(situation.played ?? situation.admitted, situation, true),
    standsFor: ({ admitted }) => admitted.length,
  },
  {
    id: 'stranger-trusted',
    doc: "stranger's certificate, same authority",
    wanted: 'refuse',
    sessions: (situation) => claiming(situation, overTls(unlistedCertificate(true, situation.issuer))),
  },
  {
    id: 'stranger-untrusted',
    doc: "stranger's certificate, other authority",
    wanted: 'refuse',
    sessions: (situation) => claiming(situation, overTls(unlistedCertificate(false, situation.issuer))),
  },
  {
    id: 'no-certificate',
    doc: 'TLS without a certificate',
    wanted: 'refuse',
    sessions: (situation) => claiming(situation, overTls(null)),
  },
  {
    id: 'plain-text',
    doc: 'plain text',
    wanted: 'refuse',
    sessions: (situation) => [
      ...claiming(situation, null),
      {
        who: 'anyone without a name',
        session: sessionOf({ address: situation.foreignAddress, name: 'unknown', to: situation.outsideRecipient }),
      },
    ],
  },
  {
    id: 'anywhere',
    doc: 'plain text from all over the Internet',
    wanted: 'refuse',
    sessions: ({ foreignAddresses, outsideRecipient: to }) =>
      foreignAddresses.map((address) => ({ who: 'anyone', session: sessionOf({ address, name: 'unknown', to }) })),
  },
  {
    id: 'wide-networks',
    doc: 'networks too wide to be your own',
    wanted: 'refuse',
    sessions: ({ wideNetworks, outsideRecipient: to }) =>
      wideNetworks.map(({ network, address }) => ({
        who: `anyone in ${network} of mynetworks`,
        session: sessionOf({ address, name: 'unknown', to }),
      })),
  },
  {
    id: 'excluded',
    doc: 'revoked or retired certificate',
    wanted: 'refuse',
    sessions: (situation) => presenting(situation.excluded, situation, false),
  },
  {
    id: 'loopback',
    doc: 'this host itself (127.0.0.1)',
    wanted: 'as-base',
    sessions: ({ outsideRecipient: to }) => [
      { who: 'localhost', session: sessionOf({ address: '127.0.0.1', name: 'localhost', to, data: true }) },
    ],
  },
  {
    id: 'sasl',
    doc: 'SASL login',
    wanted: 'as-base',
    sessions: ({ foreignAddress, outsideRecipient: to, saslInUse }) =>
      saslInUse
        ? [
            {
              who: 'a SASL user',
              session: sessionOf({
                address: foreignAddress,
                tls: overTls(null),
                sasl: { user: 'user', method: 'PLAIN' },
                ...{ to, data: true },
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
      { who: 'anyone', session: sessionOf({ address: foreignAddress, to: localRecipient, data: true }) },
    ],
  },
];
