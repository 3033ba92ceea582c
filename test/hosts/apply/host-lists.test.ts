import { describe, expect, it } from 'vitest';
import { hiddenBy, readOverrides } from '../../../src/hosts/apply/refusals/hidden.ts';
import { elementsOf, type HostLists, lossOf } from '../../../src/hosts/apply/refusals/losses.ts';
import { type Manifest, readManifest } from '../../../src/hosts/programs/manifest.ts';
import { portOf, smtpServersOf } from '../../../src/policy/postfix/smtp-services.ts';
import { parseVersion, type Version } from '../../../src/policy/postfix/version.ts';
import { installScript, relayList, serverView } from '../../provision/render/install/sample.ts';

const version = parseVersion('3.7') as Version;

function manifestOf(lists: Readonly<Record<string, string>>): Manifest {
  const parameters = Object.entries(lists).map(([name, value]) => ({ name, value, unlessSet: false }));
  const read = readManifest(installScript(serverView({ parameters })));
  if ('code' in read) throw new Error(read.message);
  return read;
}

/** A host with these lists; `$name` is filled in from them. */
function hostWith(set: Readonly<Record<string, string>>, owned: HostLists['owned'] = []): HostLists {
  const expanded = (name: string): string =>
    (set[name] ?? '').replace(/\$(\w+)/g, (_, other: string) => expanded(other));
  return { version, set: new Map(Object.entries(set)), expanded, owned };
}

/** The elements that would be lost, as the message shows them. */
function lostFrom(set: Readonly<Record<string, string>>, owned: HostLists['owned'] = []): readonly string[] {
  const loss = lossOf(manifestOf({ smtpd_relay_restrictions: relayList }), hostWith(set, owned));
  return loss?.details.filter((line) => /^ {4}\S/.test(line)).map((line) => line.trim()) ?? [];
}

describe('restrictions of the host that a folder would replace', () => {
  it.each([
    ['an access table', `check_sender_access hash:/x, ${relayList}`, ['check_sender_access hash:/x']],
    [
      'two of them',
      `reject_unlisted_recipient reject_rbl_client a.example ${relayList}`,
      ['reject_unlisted_recipient', 'reject_rbl_client a.example'],
    ],
    [
      'braces',
      `check_client_access { inline:{ {a = b} } }, ${relayList}`,
      ['check_client_access { inline:{ {a = b} } }'],
    ],
    ['what a name stands for', '$mine, reject_unauth_destination', ['reject_non_fqdn_sender']],
    ['a permit before any refusal', 'permit', ['permit']],
  ])('are lost: %s', (_, value, gone) => {
    expect(lostFrom({ smtpd_relay_restrictions: value, mine: 'reject_non_fqdn_sender' })).toEqual(gone);
  });

  it.each([
    ['the usual list', 'permit_mynetworks permit_sasl_authenticated defer_unauth_destination'],
    ['the same in another case', 'Permit_MyNetworks, Reject_Unauth_Destination'],
    ['a permit behind the refusal', 'permit_mynetworks, reject_unauth_destination, permit'],
  ])('are not lost: %s', (_, value) => {
    expect(lostFrom({ smtpd_relay_restrictions: value })).toEqual([]);
  });

  it('are not lost where the list is not set, is another one, or was set by an earlier run', () => {
    expect(lostFrom({})).toEqual([]);
    expect(lostFrom({ smtpd_sender_restrictions: 'reject_unlisted_sender' })).toEqual([]);
    const value = 'reject_unlisted_recipient, permit_mynetworks, reject_unauth_destination';
    expect(lostFrom({ smtpd_relay_restrictions: value }, [{ name: 'smtpd_relay_restrictions', value }])).toEqual([]);
  });

  it('may have moved to the recipient list, where that decides alone', () => {
    const folder = manifestOf({ smtpd_relay_restrictions: '', smtpd_recipient_restrictions: relayList });
    const loss = lossOf(folder, hostWith({ smtpd_relay_restrictions: `reject_unlisted_recipient, ${relayList}` }));
    expect(loss?.problem.message).toContain('smtpd_relay_restrictions of this host would lose');
    expect(loss?.problem.hint).toContain('certrelay init --policy relay --base-main-cf base --yes');
    expect(lossOf(folder, hostWith({ smtpd_relay_restrictions: relayList }))).toBeUndefined();
  });

  it('keep their arguments', () => {
    expect(elementsOf('warn_if_reject reject_rbl_client a.example, sleep 1 permit', version)).toEqual([
      'warn_if_reject reject_rbl_client a.example',
      'sleep 1',
      'permit',
    ]);
  });
});

describe('settings that master.cf hides', () => {
  const settings = [
    { name: 'relay_clientcerts', value: 'hash:/x' },
    { name: 'smtpd_tls_security_level', value: 'may' },
    { name: 'smtpd_relay_restrictions', value: relayList },
  ];
  const hidden = (lines: string) => hiddenBy(['smtp/inet'], readOverrides(lines), settings, '/etc/postfix');

  it.each([
    [
      'another value',
      'smtp/inet/relay_clientcerts = hash:/y',
      /-o relay_clientcerts=hash:\/y, and "hash:\/x" is needed/,
    ],
    ['an empty value', 'smtp/inet/relay_clientcerts =', /-o relay_clientcerts=, and/],
    ['no TLS', 'smtp/inet/smtpd_tls_security_level = none', /=none/],
  ])('%s', (_, lines, message) => {
    expect(hidden(lines)).toMatchObject({
      problem: { code: 'setting-hidden', message: expect.stringMatching(message) },
    });
  });

  it.each([
    ['the same value', 'smtp/inet/relay_clientcerts = hash:/x'],
    ['a stronger level', 'smtp/inet/smtpd_tls_security_level = encrypt'],
    ['a list, which is judged by what it does', 'smtp/inet/smtpd_relay_restrictions = permit'],
    ['another service', 'submission/inet/relay_clientcerts = hash:/y'],
    ['another parameter', 'smtp/inet/smtpd_banner = mine'],
  ])('not %s', (_, lines) => {
    expect(hidden(lines)).toBeUndefined();
  });
});

describe('the SMTP servers of master.cf', () => {
  const master = `
smtp      inet  n       -       y       -       1       postscreen
smtpd     pass  -       -       y       -       -       smtpd
192.0.2.1:2525 inet n   -       n       -       -       smtpd
submission inet n       -       -       -       -       /usr/lib/postfix/smtpd
  -o smtpd_tls_security_level=encrypt
pickup    unix  n       -       y       60      1       pickup
`;

  it.each([
    ['25', 'smtp', 'smtpd/pass', true, true],
    ['587', 'submission', 'submission/inet', false, false],
    ['2525', '192.0.2.1:2525', '192.0.2.1:2525/inet', false, false],
  ])('on port %s', (port, listener, service, isScreened, isChrooted) => {
    const { reached, others } = smtpServersOf(master, version, port);
    expect(reached).toEqual([{ listener, service, isScreened, isChrooted }]);
    expect(others).toHaveLength(2);
    expect(others).not.toContain(listener);
  });

  it('are none on a port where nothing listens', () => {
    expect(smtpServersOf(master, version, '465').reached).toEqual([]);
  });

  it('are chrooted by default before 3.0', () => {
    const old = parseVersion('2.11') as Version;
    expect(smtpServersOf(master, old, 'submission').reached[0]?.isChrooted).toBe(true);
  });

  it('have ports by names', () => {
    expect(['smtp', '[::1]:submissions', '127.0.0.1:10025'].map(portOf)).toEqual(['25', '465', '10025']);
  });
});
