import { describe, expect, it } from 'vitest';
import { audit } from '../../../src/policy/explore/audit.ts';
import { readConfig } from '../../../src/policy/postfix/read-config.ts';

const fingerprints = ['12', '34', '56'].map((pair) => Array(20).fill(pair).join(':'));

/** A server of 3.7, or another release, with certificates, logins and these lists. */
function server(
  settings: Readonly<Record<string, string>>,
  tables: Readonly<Record<string, string>> = {},
  version = '3.7',
) {
  return readConfig({
    version,
    mainCf: {
      myhostname: 'mx.lab.test',
      mydestination: 'lab.test',
      mynetworks: '127.0.0.0/8 [::1]/128',
      relay_domains: 'relay.net',
      smtpd_tls_security_level: 'may',
      smtpd_tls_ask_ccert: 'yes',
      smtpd_tls_cert_file: '/server.pem',
      smtpd_tls_CAfile: '/ca.pem',
      smtpd_tls_fingerprint_digest: 'sha1',
      smtpd_sasl_auth_enable: 'yes',
      relay_clientcerts: 'hash:/certs',
      smtpd_relay_restrictions:
        'permit_mynetworks, permit_sasl_authenticated, permit_tls_clientcerts, reject_unauth_destination',
      ...settings,
    },
    tables: { '/certs': fingerprints.map((each, i) => `${each} client${i}\n`).join(''), ...tables },
  });
}

const titles = (settings: Parameters<typeof server>[0], tables?: Parameters<typeof server>[1]) => {
  const { ways, relay, contradicted } = audit(server(settings, tables));
  return {
    relay,
    contradicted: contradicted.length,
    ways: ways.map(({ title, entries }) => (entries === undefined ? title : `${title} (${entries})`)).sort(),
  };
};

describe('who can relay', () => {
  it('by network, login, and the listed certificates and keys', () => {
    expect(titles({})).toEqual({
      relay: 'closed',
      contradicted: 0,
      ways: [
        'SASL login',
        'TLS client certificate listed in relay_clientcerts (3)',
        'client address in mynetworks (2)',
        'public key of a TLS client certificate listed in relay_clientcerts (3)',
      ],
    });
  });

  it('a key that is listed counts whatever was asked about the certificate before', () => {
    const settings = {
      smtpd_client_restrictions: 'check_ccert_access inline:{ no=DUNNO }, reject_plaintext_session',
      smtpd_relay_restrictions: 'permit_tls_clientcerts, reject',
    };
    expect(titles(settings).ways).toContain('public key of a TLS client certificate listed in relay_clientcerts (3)');
  });

  it('a server that never asks for certificates lets nobody in by one', () => {
    expect(titles({ smtpd_tls_ask_ccert: 'no' }).ways).toEqual(['SASL login', 'client address in mynetworks (2)']);
  });

  it('a digest that the listed fingerprints do not have lets nobody in by one', () => {
    expect(titles({ smtpd_tls_fingerprint_digest: 'sha256' }).ways).toEqual([
      'SASL login',
      'client address in mynetworks (2)',
    ]);
  });

  it.each([
    ['a list lets everybody by', { smtpd_relay_restrictions: 'check_client_access static:OK, reject' }],
    ['a sender may be claimed', { smtpd_relay_restrictions: 'check_sender_access inline:{ boss.test=OK }, reject' }],
    ['a helo name may be claimed', { smtpd_relay_restrictions: 'check_helo_access inline:{ friend.test=OK }, reject' }],
    ['the world is a network', { mynetworks: '0.0.0.0/0' }],
    ['any certificate will do', { smtpd_relay_restrictions: 'check_ccert_access static:OK, reject' }],
  ])('open: %s', (_, settings) => {
    const found = audit(server(settings));
    const [way] = found.ways.filter(({ open }) => open !== undefined);
    expect(found.relay).toBe('open');
    expect(way?.open?.witness.confirmed).toEqual(['simulated']);
    expect(found.contradicted).toEqual([]);
  });

  it.each([
    [
      'only to named domains',
      { smtpd_relay_restrictions: 'check_recipient_access inline:{ partner.test=OK }, reject' },
    ],
    [
      'only for a verified name',
      { smtpd_relay_restrictions: 'check_client_access inline:{ .friend.test=OK }, reject' },
    ],
    ['only with a trusted certificate', { smtpd_relay_restrictions: 'permit_tls_all_clientcerts, reject' }],
    ['an anonymous login proves nothing', { smtpd_relay_restrictions: 'permit_sasl_authenticated, reject' }],
  ])('closed: %s', (_, settings) => {
    expect(audit(server(settings)).relay).toBe('closed');
  });

  it('what a service or a list of others says is not for the client to choose', () => {
    const service = audit(server({ smtpd_relay_restrictions: 'check_policy_service inet:127.0.0.1:10023, reject' }));
    expect(service.relay).toBe('depends');
    const list = audit(
      server({
        smtpd_relay_restrictions: 'reject_rbl_client bl.test, check_client_access static:OK, reject',
        smtpd_sender_restrictions: 'reject_unknown_sender_domain',
      }),
    );
    expect(list.ways.map(({ open, openIf }) => [open === undefined, openIf === undefined])).toContainEqual([
      true,
      false,
    ]);
  });

  it('the domain of a sender is his own, with all that its DNS says', () => {
    const found = audit(
      server({
        smtpd_relay_restrictions: 'reject_unknown_sender_domain, check_client_access static:OK, reject',
      }),
    );
    expect(found.relay).toBe('open');
    const own = found.ways.flatMap(({ paths }) => paths).flatMap(({ witness }) => Object.keys(witness.world.dns ?? {}));
    expect(own.some((name) => name.endsWith('/MX'))).toBe(true);
  });

  it.each([
    ['2.9', 'closed'],
    ['2.10', 'open'],
    ['3.1', 'open'],
    ['3.2', 'closed'],
  ])('a lookup that fails under warn_if_reject, in Postfix %s: %s', (version, relay) => {
    const settings = {
      smtpd_sender_login_maps: 'texthash:/nowhere',
      smtpd_relay_restrictions: 'warn_if_reject reject_sender_login_mismatch, reject_unauth_destination',
      smtpd_recipient_restrictions: 'reject_unauth_destination',
    };
    const found = audit(server(settings, {}, version));
    expect([found.relay, found.contradicted]).toEqual([relay, []]);
    const database = audit(server({ ...settings, smtpd_sender_login_maps: 'ldap:/etc/logins.cf' }, {}, version));
    expect([database.relay, database.contradicted]).toEqual([relay === 'open' ? 'depends' : 'closed', []]);
  });

  it('elements that never decide anything are named', () => {
    const { unreached, idle } = audit(
      server({
        smtpd_relay_restrictions: 'permit_mynetworks, reject_unauth_destination, permit_mynetworks, permit, reject',
        smtpd_client_restrictions: 'check_client_access inline:{ {10.0.0.1=DUNNO} }',
      }),
    );
    const shown = (places: typeof idle) => places.map(({ list, index }) => `${list}[${index}]`);
    expect(shown(unreached)).toEqual(['smtpd_relay_restrictions[4]']);
    expect(shown(idle)).toEqual(['smtpd_relay_restrictions[2]', 'smtpd_client_restrictions[0]'].sort());
  });

  it('a limit that was reached is said, and nothing is concluded from what was not seen', () => {
    const found = audit(server({}), { limit: 3 });
    expect(found.limited).toBe(true);
    expect(found.paths).toBe(3);
  });

  it('a server that does not start lets nobody in, and says why', () => {
    const found = audit(server({ smtpd_relay_restrictions: 'permit', smtpd_recipient_restrictions: 'permit' }));
    expect(found.ways).toEqual([]);
    expect(found.fatal).toMatch(/specify at least one working instance/);
  });
});

describe('who can send to this server', () => {
  it('everybody but those whom a list refuses', () => {
    const { ways } = audit(server({ smtpd_client_restrictions: 'check_client_access inline:{ {10.0.0.1=REJECT} }' }), {
      recipients: 'own',
    });
    const [address] = ways.flatMap(({ conditions }) => conditions.filter(({ line }) => line === 'client address'));
    expect(address?.words).toMatch(/^any address but 10\.0\.0\.1, /);
  });

  it('only within what is asked about', () => {
    const within = { 'client address': ['10.0.0.0/8'], login: ['none'], certificate: ['none'] } as const;
    expect(audit(server({}), { within }).ways).toEqual([]);
    const networks = { 'client address': ['127.0.0.0/8'] } as const;
    expect(audit(server({}), { within: networks }).ways.map(({ title }) => title)).toEqual([
      'client address in mynetworks',
    ]);
  });
});
