import { describe, expect, it } from 'vitest';
import { openRelay } from '../../src/diagnose/findings/open-relay.ts';
import { messagesOf } from './messages-of.ts';

const lists = {
  smtpd_relay_restrictions: '',
  smtpd_recipient_restrictions: 'smtpd_relay_restrictions =\n',
};

/** Tables of the address classes that nobody gave. */
const absent = [
  ...['', 'virtual_alias_maps = hash:/virtual', 'relay_domains = pcre:/relayed', 'transport_maps = ldap:/transport'],
  ...['mydestination = mysql:/own', 'virtual_mailbox_domains = pgsql:/boxes'],
];

describe.each(Object.entries(lists))('an open relay by %s', (list, others) => {
  const found = (element: string, more: string) =>
    messagesOf(
      openRelay,
      '3.7.11',
      `${others}${list} = permit_mynetworks, ${element}, reject_unauth_destination\n${more}`,
    );

  it.each(absent)('is found by a key that anybody may claim, whatever is not given: %s', async (more) => {
    for (const element of [
      'check_sender_access inline:{boss.test=OK}',
      'check_helo_access inline:{letmein=permit_auth_destination,quite.test=OK}',
    ])
      expect([element, await found(element, more)]).toEqual([
        element,
        [expect.stringMatching(/^anybody can relay: \S+, HELO \S+, from <\S+> to <\S+>, is accepted$/)],
      ]);
  });

  it.each(absent)('is not seen where a table names who comes, or where mail goes: %s', async (more) => {
    for (const element of ['check_client_access inline:{8.8.4=OK}', 'check_recipient_access inline:{far.test=OK}'])
      expect([element, await found(element, more)]).toEqual([element, []]);
  });
});
