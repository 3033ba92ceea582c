import { describe, expect, it } from 'vitest';
import { compare } from '../../../src/policy/explore/compare.ts';
import { exploreServers } from '../../../src/policy/explore/explore.ts';
import { ExploredServer } from '../../../src/policy/explore/server.ts';
import { readConfig } from '../../../src/policy/postfix/read-config.ts';
import { readConversation } from '../../../src/policy/smtpd/dialogue/read-conversation.ts';
import { lies, locate } from './locate.ts';

const fingerprint = (pair: string) => Array(20).fill(pair).join(':');

function server(settings: Readonly<Record<string, string>> = {}, certificates: readonly string[] = ['12', '34']) {
  return readConfig({
    version: '3.7',
    mainCf: {
      myhostname: 'mx.lab.test',
      mydestination: 'lab.test',
      mynetworks: '127.0.0.0/8',
      relay_domains: '',
      smtpd_tls_security_level: 'may',
      smtpd_tls_ask_ccert: 'yes',
      smtpd_tls_cert_file: '/server.pem',
      smtpd_tls_fingerprint_digest: 'sha1',
      relay_clientcerts: 'hash:/certs',
      smtpd_relay_restrictions: 'permit_mynetworks, permit_tls_clientcerts, reject_unauth_destination',
      ...settings,
    },
    tables: { '/certs': certificates.map((pair) => `${fingerprint(pair)} client\n`).join('') },
  });
}

const shown = (before: ReturnType<typeof server>, after: ReturnType<typeof server>) => {
  const { changes, contradicted, limited } = compare(before, after);
  expect({ contradicted, limited }).toEqual({ contradicted: [], limited: false });
  return changes.map(({ kind, conditions, example }) => ({
    kind,
    conditions: Object.fromEntries(conditions.map(({ line, words }) => [line, words])),
    confirmed: example.witness.confirmed,
  }));
};

describe('compare', () => {
  it('finds nothing between a server and itself', () => {
    expect(shown(server(), server())).toEqual([]);
  });

  it('finds exactly the certificate that was added, and the one that was taken out', () => {
    const added = shown(server(), server({}, ['12', '34', '56']));
    // By its fingerprint, or by that of its key: the certificates and keys that others have do not change anything.
    expect(added.map(({ kind }) => kind)).toEqual(['newly permitted', 'newly permitted']);
    for (const { confirmed, conditions } of added) {
      expect(confirmed).toEqual(['simulated', 'simulated']);
      expect(conditions['client address']).toBe('any address but 127.0.0.0/8');
      expect(`${conditions.certificate} ${conditions['public key']}`).not.toContain(fingerprint('12'));
    }
    const named = added.flatMap(({ conditions }) => [conditions.certificate, conditions['public key']]);
    expect(named).toContain(`certificate ${fingerprint('56')}`);
    expect(named).toContain(`public key ${fingerprint('56')}`);
    const taken = shown(server(), server({}, ['12']));
    expect(taken.map(({ kind }) => kind)).toEqual(['no longer permitted', 'no longer permitted']);
  });

  it('tells a wider network, a narrower one, and another reply apart', () => {
    const wider = shown(server(), server({ mynetworks: '127.0.0.0/8 10.0.0.0/8' }));
    expect(wider.map(({ kind, conditions }) => [kind, conditions['client address']])).toEqual([
      ['newly permitted', '10.0.0.0/8'],
    ]);
    const other = shown(
      server(),
      server({ smtpd_relay_restrictions: 'permit_mynetworks, permit_tls_clientcerts, defer_unauth_destination' }),
    );
    expect(new Set(other.map(({ kind }) => kind))).toEqual(new Set(['reply changed']));
  });

  it('notices words that changed behind the same code', () => {
    const wording = (text: string) =>
      server({ smtpd_sender_restrictions: `check_sender_access inline:{ {bad.test=REJECT ${text}} }` });
    expect(
      shown(wording('go away'), wording('please go away')).map(({ kind, conditions }) => [kind, conditions.sender]),
    ).toEqual([['reply changed', 'bad.test and what is below it']]);
  });

  it('says so when one of the two does not start', () => {
    const { changes } = compare(
      server(),
      server({ smtpd_relay_restrictions: 'permit', smtpd_recipient_restrictions: 'permit' }),
    );
    expect(changes.map(({ kind }) => kind)).toContain('no longer permitted');
    expect(changes.every(({ after }) => after.verdict === 'fatal')).toBe(true);
  });

  it('a session that two servers treat differently lies in a change, and no other does', () => {
    const before = server({ mynetworks: '10.0.0.0/8' });
    const after = server({ mynetworks: '10.1.0.0/16 192.0.2.0/24' }, ['34', '56']);
    const { changes } = compare(before, after);
    const { lines } = exploreServers([new ExploredServer(before), new ExploredServer(after)], {
      recipients: 'any',
      limit: 10_000,
    });
    const differs = (address: string, pair: string | undefined, recipient: string) => {
      const certificate =
        pair === undefined
          ? null
          : { fingerprint: { sha1: fingerprint(pair) }, publicKeyFingerprint: { sha1: fingerprint('99') } };
      const conversation = readConversation(
        {
          client: { address },
          helo: 'x.example.org',
          tls: { certificate },
          mailFrom: 'a@b.example',
          rcptTo: [recipient],
        },
        {},
      );
      const atoms = locate(lines, conversation, 'sha1') ?? [];
      return changes.filter(({ paths }) => paths.some((path) => lies(path, atoms))).map(({ kind }) => kind);
    };
    expect(differs('10.2.0.1', undefined, 'a@outside.org')).toEqual(['no longer permitted']);
    expect(differs('10.1.0.1', undefined, 'a@outside.org')).toEqual([]);
    expect(differs('192.0.2.7', undefined, 'a@outside.org')).toEqual(['newly permitted']);
    expect(differs('198.51.100.7', '12', 'a@outside.org')).toEqual(['no longer permitted']);
    expect(differs('198.51.100.7', '34', 'a@outside.org')).toEqual([]);
    expect(differs('198.51.100.7', '56', 'a@outside.org')).toEqual(['newly permitted']);
    expect(differs('198.51.100.7', '56', 'a@lab.test')).toEqual([]);
  });
});
