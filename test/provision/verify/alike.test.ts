import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bench } from '../../../src/policy/identities/judge.ts';
import { playedOnes } from '../../../src/provision/verify/alike.ts';
import { expectations, type Identity } from '../../../src/provision/verify/expectations.ts';
import { verify } from '../../../src/provision/verify/verify.ts';

const address = '192.0.2.77';
const hex = (text: string) =>
  createHash('sha1')
    .update(text)
    .digest('hex')
    .toUpperCase()
    .replace(/..(?=.)/g, '$&:');

const identities: readonly Identity[] = Array.from({ length: 300 }, (_, index) => ({
  client: `c${index}.example.com`,
  serial: index.toString(16),
  certificate: {
    ...{ trusted: index % 2 === 0, subject: `c${index}.example.com`, issuer: 'an authority' },
    fingerprint: { sha1: hex(`certificate ${index}`) },
    publicKeyFingerprint: { sha1: hex(`key ${index}`) },
  },
}));
const at = (index: number): Identity => {
  const found = identities[index];
  if (found === undefined) throw new Error('no such identity');
  return found;
};

const common = `compatibility_level = 3.7
mynetworks = 127.0.0.0/8
myhostname = s.example.com
smtpd_tls_security_level = may
smtpd_tls_cert_file = /etc/postfix/s.pem
smtpd_tls_ask_ccert = yes
smtpd_tls_fingerprint_digest = sha1
relay_clientcerts = hash:/etc/postfix/relay_clientcerts
smtpd_relay_restrictions = permit_mynetworks, permit_tls_clientcerts, defer_unauth_destination
`;

interface Scene {
  readonly mainCf?: string;
  readonly map?: (identity: Identity, index: number) => string;
  readonly tables?: Readonly<Record<string, string>>;
}

const byCertificate = ({ client, certificate }: Identity) => `${certificate.fingerprint.sha1} ${client}\n`;

function play({ mainCf = '', map = byCertificate, tables = {} }: Scene) {
  const lines = identities.map(map);
  const serverOf = (only?: ReadonlySet<string>) =>
    bench({
      version: '3.7',
      mainCf: [{ name: 'main.cf', text: common + mainCf }],
      tables: {
        '/etc/postfix/relay_clientcerts': lines.filter((line) => only?.has(line.split(' ')[0] ?? '') ?? true).join(''),
        ...tables,
      },
    });
  const whole = serverOf();
  const played = playedOnes(identities, address, whole, serverOf);
  const situation = {
    ...{ admitted: identities, excluded: [], issuer: 'an authority', foreignAddress: address, foreignAddresses: [] },
    ...{ wideNetworks: [], claimed: [], outsideRecipient: 'someone@outside.example' },
    ...{ localRecipient: 'postmaster@s.example.com', saslInUse: false },
  };
  const rowOf = (more: object) => {
    const [row] = verify({ ...situation, ...more }, whole.judge, whole.judge, expectations);
    return row === undefined ? undefined : { outcome: row.outcome, sessions: row.sessions };
  };
  // What is said of all by some is what playing each says.
  expect(rowOf({ played })).toEqual(rowOf({}));
  return { played, outcome: rowOf({ played })?.outcome };
}

describe('one session for all that are like it', () => {
  it('is enough where every path of a listed certificate ends in a permit', () => {
    expect(play({})).toEqual({ played: [at(0)], outcome: 'met' });
  });

  it('is enough where keys are listed', () => {
    const map = ({ client, certificate }: Identity) => `${certificate.publicKeyFingerprint.sha1} ${client}\n`;
    expect(play({ map })).toEqual({ played: [at(0)], outcome: 'met' });
  });

  it('leaves out one that is listed otherwise than the first', () => {
    const map = (identity: Identity, index: number) =>
      index === 250
        ? `${identity.certificate.publicKeyFingerprint.sha1} ${identity.client}\n`
        : byCertificate(identity);
    expect(play({ map })).toEqual({ played: [at(0), at(250)], outcome: 'met' });
  });

  it('finds one that is not listed', () => {
    const map = (identity: Identity, index: number) => (index === 299 ? '' : byCertificate(identity));
    expect(play({ map })).toEqual({ played: [at(0), at(299)], outcome: 'broken' });
  });

  it.each([
    [
      'another table names one of them',
      'check_ccert_access hash:/etc/postfix/bad',
      `${at(123).certificate.fingerprint.sha1} REJECT\n`,
      'broken',
    ],
    ['a client is refused by name', 'check_client_access hash:/etc/postfix/bad', `${at(77).client} REJECT\n`, 'broken'],
    ['a sender is refused', 'check_sender_access hash:/etc/postfix/bad', `root@${at(78).client} REJECT\n`, 'broken'],
    ['names are refused by patterns', 'check_client_access regexp:/etc/postfix/bad', '/c29[0-9]/ REJECT\n', 'broken'],
    ['it hangs on DNS', 'reject_unknown_sender_domain', '', 'met'],
  ] as const)('is not enough where %s', (_, restriction, bad, outcome) => {
    const mainCf = `smtpd_recipient_restrictions = ${restriction}, permit\n`;
    const done = play({ mainCf, tables: { '/etc/postfix/bad': bad } });
    expect([done.played.length, done.outcome]).toEqual([identities.length, outcome]);
  });

  it('is not enough where the first itself is not listed, or nobody is asked for a certificate', () => {
    expect(play({ map: (identity, index) => (index === 0 ? '' : byCertificate(identity)) })).toEqual({
      played: identities,
      outcome: 'broken',
    });
    expect(play({ mainCf: 'smtpd_tls_ask_ccert = no\n' })).toEqual({ played: identities, outcome: 'broken' });
  });
});
