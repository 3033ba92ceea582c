import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/policy/postfix/read-config.ts';
import { minorReleases } from '../../../src/policy/postfix/version.ts';
import { issuesTickets, withoutTickets } from '../../../src/provision/render/session-tickets.ts';

const base = (version: string, mainCf: string) => readConfig({ version, mainCf });
const issuing = minorReleases.filter((release) => !['2.9', '2.10'].includes(release));

describe('session tickets of a service', () => {
  it.each(minorReleases)('are turned off where %s would issue them', (release) => {
    const set = withoutTickets(release, base(release, ''));
    const text = set.map(({ name, value }) => `${name} = ${value}\n`).join('');
    expect(issuesTickets(base(release, ''))).toBe(issuing.includes(release));
    expect(issuesTickets(base(release, text))).toBe(false);
    expect(withoutTickets(release, undefined)).toEqual(set);
  });

  it.each([
    ['', 'NO_TICKET'],
    ['no_ticket', 'NO_TICKET'],
    ['NO_COMPRESSION,  no_ticket legacy_server_connect', 'NO_COMPRESSION, legacy_server_connect, NO_TICKET'],
    ['0x20000', '0x20000, NO_TICKET'],
  ])('leave the other options of the base as they are: "%s"', (given, value) => {
    for (const release of ['2.11', '3.7', '3.11'])
      expect(withoutTickets(release, base(release, `tls_ssl_options = ${given}\n`))).toEqual([
        { name: 'tls_ssl_options', value },
      ]);
  });

  it.each([
    ['tls_ssl_options = No_Ticket', false],
    ['tls_ssl_options = NO_COMPRESSION NO_TICKET', false],
    ['tls_ssl_options = 0x4000', false],
    ['tls_ssl_options = 0x20000', true],
    ['tls_ssl_options = NO_COMPRESSION', true],
    ['tls_session_ticket_cipher =', false],
    ['tls_session_ticket_cipher = aes-128-cbc', true],
    // These are read by tlsmgr(8), so they say nothing about one service.
    ['smtpd_tls_session_cache_database =', true],
  ])('are found in a configuration: "%s"', (line, issued) => {
    expect(issuesTickets(base('3.7', `${line}\n`))).toBe(issued);
  });
});
