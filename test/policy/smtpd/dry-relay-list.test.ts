import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/policy/postfix/read-config.ts';
import { readConversation } from '../../../src/policy/smtpd/dialogue/read-conversation.ts';
import { Simulator } from '../../../src/policy/smtpd/dialogue/simulate.ts';
import { compile } from '../../../src/policy/smtpd/start/compile.ts';

/** The reply to a recipient of the server's own, from a client that is none of its own. */
function answered(version: string, mainCf: string) {
  const own = 'mydestination = example.com\nmynetworks = 127.0.0.0/8\nlocal_recipient_maps =\n';
  const simulator = new Simulator(compile(readConfig({ version, mainCf: `${own}${mainCf}` })));
  const session = { client: { address: '192.0.2.77' }, helo: 'x', mailFrom: 'a@b.example', rcptTo: ['u@example.com'] };
  const verdict = simulator.decide(readConversation(session, undefined));
  const permits = verdict.replies.flatMap((reply) => reply.permits);
  return { verdict: verdict.verdict, permits: permits.map(({ list, restriction }) => `${list} ${restriction}`) };
}

describe('a relay list that is only tried for its log line (3.3 to now, compatibility level 0)', () => {
  const tried = 'compatibility_level = 0\nsmtpd_recipient_restrictions = ';

  it.each(['3.4', '3.5', '3.7', '3.11'])('is nothing that permitted: %s', (version) => {
    const decided = answered(version, `${tried}reject_unauth_destination\n`);
    expect(decided).toEqual({ verdict: 'permit', permits: [] });
    const permitted = answered(version, `${tried}permit_auth_destination, reject\n`);
    expect(permitted).toEqual({
      verdict: 'permit',
      permits: ['smtpd_recipient_restrictions permit_auth_destination'],
    });
  });

  it('permits where it is set, or before it was only tried', () => {
    const set = 'smtpd_relay_restrictions = permit_auth_destination, reject\n';
    expect(answered('3.4', `${tried}reject_unauth_destination\n${set}`).permits).toEqual([
      'smtpd_relay_restrictions permit_auth_destination',
    ]);
    expect(answered('3.4', 'compatibility_level = 2\n').permits).toEqual([]);
  });
});
