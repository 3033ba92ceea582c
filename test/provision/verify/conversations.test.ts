import { describe, expect, it } from 'vitest';
import { conversationOf } from '../../../src/policy/identities/conversations.ts';
import { foreignAddresses, overTls, sessionOf, unlistedCertificate } from '../../../src/policy/identities/sessions.ts';
import { readConversation } from '../../../src/policy/smtpd/dialogue/read-conversation.ts';
import { expectations, type Situation } from '../../../src/provision/verify/expectations.ts';

const identities = ['a.example.com', 'b-2.example.org', 'UPPER.example.com', 'xn--bcher-kva.example', 'lone'].map(
  (client) => ({ client, serial: '1f', certificate: unlistedCertificate(true, 'an authority') }),
);
const situation: Situation = {
  ...{ admitted: identities, excluded: identities, issuer: 'an authority', foreignAddress: '2001:DB8::77' },
  foreignAddresses,
  wideNetworks: [{ network: '0.0.0.0/1', address: '::ffff:192.0.2.1' }],
  claimed: identities.map(({ client }) => client),
  ...{ outsideRecipient: 'someone@outside.example', localRecipient: 'postmaster@server.example.com', saslInUse: true },
};

describe('a conversation of a verification', () => {
  it.each(expectations.map((one) => [one.id, one] as const))(
    'is what the reader of scenarios makes of it: %s',
    (_, one) => {
      const sessions = [...one.sessions(situation)];
      expect(sessions.length).toBeGreaterThan(0);
      for (const { session } of sessions) expect(conversationOf(session)).toEqual(readConversation(session, undefined));
    },
  );

  it('is so for names and recipients of every kind, whatever was read before', () => {
    const names = [
      'unknown',
      'client.example',
      'with_underscore.example',
      'ends.with.dot.',
      'ümlaut.example',
      '[192.0.2.1]',
    ];
    const recipients = [
      'someone@outside.example',
      '',
      'a@b@c',
      '"quoted part"@outside.example',
      'Someone@Outside.Example',
    ];
    for (const name of names) {
      for (const to of recipients) {
        const session = sessionOf({ address: '192.0.2.77', name, to, tls: overTls(null) });
        expect(conversationOf(session)).toEqual(readConversation(session, undefined));
      }
    }
  });
});
