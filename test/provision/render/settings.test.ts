import { describe, expect, it } from 'vitest';
import { CertrelayError } from '../../../src/lib/problem.ts';
import { plan, type RenderInput } from '../../../src/provision/render/plan.ts';
import { presetNames } from '../../../src/provision/settings/set-up-options.ts';
import type { Settings } from '../../../src/provision/settings/types.ts';
import { inputOf, settingsOf, templates } from './world.ts';

const server = 'server.example.com';
const client = 'client.example.com';

const input = (version: string, changes: Partial<Settings> = {}, servers = [server], clients = [client]): RenderInput =>
  inputOf(servers, clients, settingsOf(version, changes));

/** The parameters of a host's fragment by name. */
function parametersOf(of: RenderInput, host: string): Record<string, string> {
  const view = plan(of, templates).hosts.get(host);
  return Object.fromEntries((view?.parameters ?? []).map(({ name, value }) => [name, value]));
}

const problemOf = (of: RenderInput): string => {
  try {
    plan(of, templates);
  } catch (error) {
    if (error instanceof CertrelayError) return `${error.exit}: ${error.problems[0]?.code}`;
    throw error;
  }
  return 'none';
};

describe('settings that no rendering exists for', () => {
  it.each<[string, RenderInput]>([
    ['policy-too-new', input('2.9', { policy: 'relay', unauthorized: 'reject' })],
    ['defer-too-new', input('2.9', { policy: 'recipient', unauthorized: 'defer' })],
    ['ed25519-too-old', input('3.3', { keyType: 'ed25519' })],
    ['wrappermode-too-new', input('2.11', { relayPort: 465 })],
    ['public-key-digest', input('2.9.5', { pin: 'public-key' })],
    ['server-ca-missing', input('3.7', { serverCert: 'keep' })],
    ['server-fingerprint-unknown', inputOf([server], [client], { serverCert: 'keep', clientLevel: 'fingerprint' }, [])],
    ['relay-loop', input('3.7', {}, ['a.example.com', 'b.example.com'], ['a.example.com', 'b.example.com'])],
    ['no-server', input('3.7', {}, [])],
    ['render-version', input('3.12')],
    ['render-installation-folder', input('3.7', { installDir: '/etc/../tmp' })],
    [
      'sender-relayhosts',
      input(
        '2.11',
        { baseMainCf: 'sender_dependent_relayhost_maps = hash:/x\n' },
        [server, 'two.example.com'],
        ['two.example.com'],
      ),
    ],
    [
      'base-list-dollar',
      input('3.7', { baseMainCf: 'smtpd_relay_restrictions = check_client_access regexp:/a$$b, reject\n' }),
    ],
  ])('%s', (code, of) => expect(problemOf(of)).toBe(`usage: ${code}`));

  it('accepts their neighbours', () => {
    for (const of of [
      input('2.10', { policy: 'relay' }),
      input('3.4', { keyType: 'ed25519' }),
      input('3.0', { relayPort: 465 }),
      input('2.9.6', { pin: 'public-key' }),
      input('2.9', { pin: 'public-key' }),
      input('3.7', {}, ['a.example.com', 'b.example.com'], ['a.example.com']),
    ]) {
      expect(problemOf(of)).toBe('none');
    }
  });
});

describe('mynetworks', () => {
  it.each<[string, string, Partial<Settings>, string | undefined]>([
    ['is rendered up to 2.11', '2.11', {}, '127.0.0.0/8, [::1]/128'],
    ['is left alone from 3.0', '3.0', {}, undefined],
    [
      'is rendered below compatibility level 2',
      '3.7',
      { baseMainCf: 'compatibility_level = 1\n' },
      '127.0.0.0/8, [::1]/128',
    ],
    ['is left alone at level 2', '3.7', { baseMainCf: 'compatibility_level = 2\n' }, undefined],
    ['is left alone where the host sets it', '2.10', { baseMainCf: 'mynetworks = 192.0.2.0/24\n' }, undefined],
    ['is left alone where the style is host', '2.10', { baseMainCf: 'mynetworks_style = host\n' }, undefined],
    ['is what was asked for', '3.7', { mynetworks: '192.0.2.0/24' }, '192.0.2.0/24'],
  ])('%s', (_what, version, changes, expected) => {
    expect(parametersOf(input(version, changes), server).mynetworks).toBe(expected);
  });

  it('gives way to a value of the host unless it was asked for', () => {
    const flag = (of: RenderInput): unknown =>
      plan(of, templates)
        .hosts.get(server)
        ?.parameters.find(({ name }) => name === 'mynetworks')?.unlessSet;
    expect(flag(input('2.11'))).toBe(true);
    expect(flag(input('2.11', { mynetworks: '192.0.2.0/24' }))).toBe(false);
  });
});

describe('a base main.cf', () => {
  const listsOver = (baseMainCf: string, changes: Partial<Settings> = {}): readonly (string | undefined)[] => {
    const set = parametersOf(input('3.7', { baseMainCf, ...changes }), server);
    return [set.smtpd_relay_restrictions, set.smtpd_recipient_restrictions];
  };

  it('keeps what its relay list has beside the usual, in its order', () => {
    expect(
      listsOver(
        'smtpd_relay_restrictions = permit_mynetworks, check_client_access hash:/x, reject_unauth_destination\n',
      ),
    ).toEqual([
      'permit_mynetworks, permit_tls_clientcerts, check_client_access hash:/x, defer_unauth_destination',
      undefined,
    ]);
  });

  it('gets a refusal where its relay list has none', () => {
    expect(listsOver('smtpd_relay_restrictions = permit_mynetworks\n')[0]).toBe(
      'permit_mynetworks, permit_tls_clientcerts, defer_unauth_destination',
    );
  });

  it('keeps what stands behind the refusal behind it, or a permissive table would open the relay', () => {
    expect(
      listsOver(
        'smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination, check_sender_access hash:/x\n',
        {
          policy: 'recipient',
          unauthorized: 'reject',
        },
      ),
    ).toEqual([
      '',
      'permit_mynetworks, permit_tls_clientcerts, reject_unauth_destination, check_sender_access hash:/x',
    ]);
  });

  it('has its macros filled in and its classes seen', () => {
    const base =
      'smtpd_restriction_classes = outside\noutside = reject_unauth_destination\nmine = permit_mynetworks\nsmtpd_recipient_restrictions = $mine outside\n';
    expect(listsOver(base)[1]).toBe('permit_mynetworks, permit_tls_clientcerts, outside');
  });

  it('goes on insisting on TLS', () => {
    expect(
      parametersOf(input('3.7', { baseMainCf: 'smtpd_enforce_tls = yes\n' }), server).smtpd_tls_security_level,
    ).toBe('encrypt');
    expect(parametersOf(input('3.7', { baseMainCf: '' }), server).smtpd_tls_security_level).toBe('may');
  });

  it('comes out the same when it is taken again after the installation', () => {
    const before = [
      'compatibility_level = 3.6',
      'mynetworks = 127.0.0.0/8',
      'smtpd_recipient_restrictions = permit_mynetworks, reject',
      'sender_dependent_relayhost_maps = hash:/x',
      'smtp_tls_policy_maps = hash:/policy',
      '',
    ].join('\n');
    const hosts = [[server, 'two.example.com'], ['two.example.com']] as const;
    const first = parametersOf(
      input('3.7', { baseMainCf: before }, ...(hosts.map((list) => [...list]) as [string[], string[]])),
      'two.example.com',
    );
    const lines = Object.entries(first).map(([name, value]) => `${name} = ${value}\n`);
    const again = parametersOf(
      input(
        '3.7',
        { baseMainCf: before + lines.join('') },
        ...(hosts.map((list) => [...list]) as [string[], string[]]),
      ),
      'two.example.com',
    );
    const { smtpd_recipient_restrictions: inserted, ...rest } = first;
    expect(inserted).toBe('permit_mynetworks, permit_tls_clientcerts, reject');
    expect(again).toEqual(rest);
  });

  it('is the system’s stock main.cf where only the system is known', () => {
    const notices = plan(input('3.5', { os: 'rhel9' }), templates).notices.map(({ code }) => code);
    expect(notices).toEqual(['server-loopback-only']);
  });

  it('is noticed to keep no certificate', () => {
    const kept = { serverCert: 'keep', clientLevel: 'encrypt', baseMainCf: 'inet_interfaces = all\n' } as const;
    expect(plan(input('3.7', kept), templates).notices.map(({ code }) => code)).toEqual(['no-certificate-kept']);
  });
});

describe('what others use of the server', () => {
  const codes = (settings: Partial<Settings>, hosts: readonly (readonly string[])[] = [[server], [client]]) =>
    plan(input('3.7', settings, ...(hosts.map((list) => [...list]) as [string[], string[]])), templates).notices.map(
      ({ code, message }) => `${code}: ${message}`,
    );
  const both = [[server, 'two.example.com'], ['two.example.com']] as const;
  const certificate = 'smtpd_tls_cert_file = /etc/letsencrypt/live/mx/fullchain.pem\n';
  const filter = 'content_filter = amavis:[127.0.0.1]:10024\nsmtp_fallback_relay = [mx.example.net]\n';

  it('is noticed when its certificate would be replaced', () => {
    expect(codes({ baseMainCf: certificate })).toEqual([
      "certificate-replaced: every port of the server would show a certificate of certrelay's CA in place of /etc/letsencrypt/live/mx/fullchain.pem",
    ]);
  });

  it('is noticed when it has other routes as a client', () => {
    expect(codes({ baseMainCf: filter }, both)).toEqual([
      'other-routes: mail on other routes of the server would get the TLS level and CA of the relay: content_filter = amavis:[127.0.0.1]:10024; smtp_fallback_relay = [mx.example.net]',
    ]);
  });

  it.each<[string, Partial<Settings>, (readonly (readonly string[])[])?]>([
    ['the certificate is kept', { baseMainCf: certificate, serverCert: 'keep', clientLevel: 'encrypt' }],
    ['the clients have a port of their own', { baseMainCf: certificate + filter, dedicatedPort: 2525 }, both],
    [
      'the certificate is what the package made',
      { baseMainCf: 'smtpd_tls_cert_file = /etc/ssl/certs/ssl-cert-snakeoil.pem\n' },
    ],
    [
      'it was taken after an installation',
      { baseMainCf: 'smtpd_tls_chain_files = /etc/postfix/certrelay/a.example.com.pem\n' },
    ],
    ['the relay has a transport of its own', { baseMainCf: `transport_maps = hash:/x\n${filter}` }, both],
    ['the server is no client', { baseMainCf: filter }],
    ['its filter speaks LMTP', { baseMainCf: 'content_filter = lmtp:unix:x\nvirtual_transport = lmtp:unix:x\n' }, both],
    ...presetNames
      .filter((os) => os.startsWith('debian') || os.startsWith('ubuntu'))
      .map((os) => [os, { os }] as [string, Partial<Settings>]),
  ])('is not mentioned when %s', (_, settings, hosts) => {
    expect(codes(settings, hosts)).toEqual([]);
  });
});

describe('the range of versions', () => {
  const rangeOf = (of: RenderInput, host = server): string => plan(of, templates).hosts.get(host)?.versions.text ?? '';

  it.each<[string, string, RenderInput, string?]>([
    ['2.9', '2.9', input('2.9')],
    ['2.10', '2.10 to 2.11', input('2.10.1')],
    ['chain files', '3.4 to 3.11', input('3.7')],
    ['a list of relay hosts', '3.5 to 3.11', input('3.7', {}, [server, 'two.example.com']), client],
    ['a list with a fall-back', '3.4', input('3.4', {}, [server, 'two.example.com']), client],
    ['what cannot be rendered ends it', '3.0', input('3.0', { relayPort: 465 }), client],
  ])('%s', (_what, expected, of, host) => expect(rangeOf(of, host)).toBe(expected));

  it('is told to install.sh with an exclusive end', () => {
    expect(plan(input('3.7'), templates).hosts.get(server)?.versions).toMatchObject({
      from: '3.4',
      to: '3.12',
      last: '3.11',
    });
    expect(plan(input('2.10'), templates).hosts.get(server)?.versions).toMatchObject({ from: '2.10', to: '3.0' });
  });
});
