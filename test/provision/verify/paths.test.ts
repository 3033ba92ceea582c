import { describe, expect, it } from 'vitest';
import { type Bench, bench } from '../../../src/policy/identities/judge.ts';
import { nobodyElse } from '../../../src/provision/verify/nobody-else.ts';
import { onlyLines, stepChange } from '../../../src/provision/verify/step-change.ts';

const sha1 = (pair: string) => Array(20).fill(pair).join(':');
const identity = (pair: string) => ({
  client: `c${pair}.example.com`,
  serial: pair,
  certificate: {
    ...{ trusted: true, subject: `c${pair}.example.com`, issuer: 'authority' },
    fingerprint: { sha1: sha1(pair) },
    publicKeyFingerprint: { sha1: sha1(`${pair[0]}F`) },
  },
});
const own = 'permit_mynetworks, permit_sasl_authenticated, permit_tls_clientcerts, defer_unauth_destination';

/** A server of 3.7 that lists these, with a relay list, over which more lines may be laid. */
function server(listed: readonly string[], list = own, more = ''): Bench {
  const lines = [
    ...['compatibility_level = 3.6', 'myhostname = s.example.com', 'mydestination = example.com'],
    ...['mynetworks = 127.0.0.0/8', 'relay_clientcerts = hash:/certs', 'smtpd_tls_ask_ccert = yes'],
    ...['smtpd_tls_security_level = may', 'smtpd_tls_cert_file = /s.pem', 'smtpd_tls_fingerprint_digest = sha1'],
    ...['smtpd_sasl_auth_enable = yes', `smtpd_relay_restrictions = ${list}`, more],
  ];
  return bench({
    version: '3.7',
    mainCf: [{ name: 'main.cf', text: lines.join('\n') }],
    tables: { '/certs': listed.map((pair) => `${sha1(pair)} somebody\n`).join('') },
  });
}

const base = server([], 'permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination');
const outcomeOf = (merged: Bench, over = base) => nobodyElse([identity('11')], '192.0.2.77', merged, over).row;

describe('who else gets in, on every path', () => {
  it('nobody, where the map lists the admitted alone', () => {
    expect(outcomeOf(server(['11']))).toMatchObject({ outcome: 'met', witness: { judgement: { verdict: 'reject' } } });
  });

  it('a line that the inventory knows nothing of is found, with a session that it lets in', () => {
    const row = outcomeOf(server(['11', '66']));
    expect(row).toMatchObject({ outcome: 'broken', witness: { judgement: { verdict: 'permit' } } });
    expect(JSON.stringify(row?.witness)).toContain(sha1('66'));
  });

  it.each([
    ['a HELO name that nobody would try', `check_helo_access inline:{quite.secret.test=OK}, ${own}`],
    ['a sender', `check_sender_access inline:{odd@far.test=OK}, ${own}`],
    ['a network of somebody far away', `check_client_access inline:{8.8.4=OK}, ${own}`],
  ])('%s that the base lets in stays, and one that came is found', (_, list) => {
    const also = list.replace('permit_tls_clientcerts, ', '');
    // An opening is one whether the host had it before or not.
    const expected = list.includes('client_access') ? 'met' : 'broken';
    expect(outcomeOf(server(['11'], list), server([], also))?.outcome).toBe(expected);
    expect(outcomeOf(server(['11'], list))?.outcome).toBe('broken');
  });
});

describe('who else gets in where tables were not given', () => {
  const domains = [
    ...['virtual_alias_maps = hash:/virtual', 'virtual_mailbox_domains = mysql:/domains.cf'],
    ...['transport_maps = hash:/transport', 'relay_domains = /relayed'],
  ].join('\n');

  it('nobody, whatever they say of domains', () => {
    expect(outcomeOf(server(['11'], own, domains), server([], own, domains))?.outcome).toBe('met');
  });

  it('somebody, where a table may let him in that the base does not ask', () => {
    const list = `check_sender_access hash:/friends, ${own}`;
    expect(outcomeOf(server(['11'], list))?.outcome).toBe('broken');
    expect(outcomeOf(server(['11'], list), server([], list))?.outcome).toBe('met');
  });

  it('anybody, where the lists do', () => {
    const list = `permit_mynetworks, check_helo_access inline:{letmein=OK}, reject_unauth_destination`;
    expect(outcomeOf(server(['11'], list, domains), server([], list, domains))?.outcome).toBe('broken');
  });
});

describe('who else gets in behind a table of patterns that was not given', () => {
  const claims = ['check_helo_access inline:{letmein=OK}', 'check_sender_access inline:{boss.test=OK}'];

  it.each([
    'virtual_alias_maps = pcre:/virtual',
    'relay_domains = regexp:/relayed',
    'mydestination = example.com, pcre:/own',
    'virtual_mailbox_domains = pcre:/boxes',
    'transport_maps = regexp:/transport',
    'mynetworks = 127.0.0.0/8, cidr:/networks',
  ])('anybody, where the lists do: %s', (more) => {
    for (const claim of claims) {
      const list = `permit_mynetworks, ${claim}, reject_unauth_destination`;
      expect(outcomeOf(server(['11'], list, more), server([], list, more))?.outcome).toBe('broken');
    }
    expect(outcomeOf(server(['11'], own, more), server([], own, more))?.outcome).toBe('met');
  });
});

describe('what a step changes for others, on every path', () => {
  const step = (before: Bench, after: Bench) => stepChange([identity('33')], '192.0.2.77', before, after).row;

  it('nothing, where only its own line came', () => {
    expect(step(server(['11']), server(['11', '33']))).toMatchObject({ outcome: 'met', wanted: 'as-before' });
  });

  it.each([
    ['a line of somebody else came', ['11'], ['11', '33', '66'], '66'],
    ['a line of somebody else went', ['11', '66'], ['11', '33'], '66'],
  ])('%s, and is shown', (_, before, after, whose) => {
    const row = step(server(before), server(after));
    expect(row?.outcome).toBe('broken');
    expect(JSON.stringify(row?.witness.session)).toContain(sha1(whose));
  });

  it('a list that changed with it is found, whoever is listed', () => {
    const wider = server(['11', '33'], own, 'mynetworks = 127.0.0.0/8 10.0.0.0/8');
    expect(step(server(['11']), wider)?.witness.session.client.address).toMatch(/^10\./);
  });

  it('the lines that differ are enough of a map', () => {
    const map = ['# one', `${sha1('11')} a`, '', '# two', `${sha1('66').toLowerCase()} b`].join('\n');
    expect(onlyLines(map, new Set([sha1('66')]))).toBe(`${sha1('66').toLowerCase()} b\n`);
    expect(onlyLines(map, new Set())).toBe('');
  });
});
