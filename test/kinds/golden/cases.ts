import { readFileSync } from 'node:fs';
import { presets } from '../../../src/policy/postfix/presets/presets.ts';
import { minorReleases } from '../../../src/policy/postfix/version.ts';
import type { RenderInput } from '../../../src/provision/render/input.ts';
import type { Settings } from '../../../src/provision/settings/types.ts';
import { type Issued, inputOf, settingsOf } from '../../provision/render/world.ts';

/** A set-up whose rendering is kept, under its name as a folder. */
export interface Case {
  readonly name: string;
  readonly input: RenderInput;
}

const server = 'server.example.com';
const client = 'client.example.com';

function versionCase(version: string, changes: Partial<Settings> = {}, name = `postfix-${version}`): Case {
  return { name, input: inputOf([server], [client], settingsOf(version, changes)) };
}

function special(
  name: string,
  version: string,
  changes: Partial<Settings>,
  servers = [server],
  clients = [client],
): Case {
  return { name, input: inputOf(servers, clients, settingsOf(version, changes)) };
}

const seed = readFileSync(new URL('../../fixtures/seed/server.postconf', import.meta.url), 'utf8');
const mirror = seed.replace(
  /^smtpd_recipient_restrictions = .*$/m,
  'smtpd_recipient_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination',
);

/** A rotation under way, a renewal that kept its key, one not admitted yet, one revoked, one retired. */
const rotation: readonly Issued[] = [
  { holder: server, role: 'server', serial: '01' },
  { holder: server, role: 'server', serial: '02' },
  { holder: 'a.example.com', role: 'client', serial: 'a1' },
  { holder: 'a.example.com', role: 'client', serial: 'a2' },
  { holder: 'b.example.com', role: 'client', serial: 'b1', key: 'kept' },
  { holder: 'b.example.com', role: 'client', serial: 'b2', key: 'kept' },
  { holder: 'c.example.com', role: 'client', serial: 'c1', events: [] },
  { holder: 'd.example.com', role: 'client', serial: 'd1', events: ['admitted', 'revoked'] },
  { holder: 'd.example.com', role: 'client', serial: 'd2', events: ['admitted', 'deployed', 'retired'] },
  { holder: 'gone.example.com', role: 'client', serial: 'e1' },
];
const rotating = ['a', 'b', 'c', 'd'].map((letter) => `${letter}.example.com`);

const inDatabase: Partial<Settings> = {
  tableType: 'pgsql',
  database: ['postgresql://db1.example.com/certrelay', 'postgresql://asks@db2.example.com:5433/certrelay'],
  databaseCa: '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n',
};

export const cases: readonly Case[] = [
  ...minorReleases.map((version) => versionCase(version)),
  ...presets.map(({ name, version }) => versionCase(version, { os: name, clientOs: name }, `preset-${name}`)),
  special('rsa-below-chain-files', '3.3', { keyType: 'rsa-2048', digest: 'sha1' }),
  special('recipient-policy', '3.10', { policy: 'recipient', unauthorized: 'reject', permitSasl: false }),
  special('seed', '2.10.1', { digest: 'sha1', baseMainCf: seed }),
  special('seed-recipient-policy', '2.10.1', {
    digest: 'sha1',
    baseMainCf: seed,
    policy: 'recipient',
    unauthorized: 'reject',
  }),
  special('seed-mirror', '2.10.1', { digest: 'sha1', baseMainCf: mirror }),
  special('server-and-client', '3.7', {}, [server, 'relay.example.com'], ['relay.example.com', client]),
  special('servers-listed', '3.7', {}, [server, 'two.example.com', 'three.example.com']),
  special('servers-fall-back', '3.4', {}, [server, 'two.example.com', 'three.example.com']),
  special('database', '3.7', inDatabase, [server, 'two.example.com']),
  special('database-own-list', '3.11', {
    ...inDatabase,
    database: ['postgresql:///certrelay?host=/run/postgresql'],
    baseMainCf: 'proxy_read_maps = $local_recipient_maps,\n    $transport_maps\nmynetworks = 127.0.0.0/8\n',
  }),
  special('database-own-service', '3.10', { ...inDatabase, dedicatedPort: 2525 }),
  special('port-465', '3.7', { relayPort: 465, mynetworks: '10.0.0.0/8 [2001:db8::]/32' }),
  special('port-587', '3.7', { relayPort: 587, tableType: 'lmdb', installDir: '/opt/relay' }),
  special('port-2525', '3.7', { relayPort: 2525, clientLevel: 'encrypt' }),
  special('own-service', '3.11', { dedicatedPort: 2525, keyType: 'rsa-2048' }),
  special('own-service-2.9', '2.9', {
    ...{ dedicatedPort: 2525, policy: 'recipient', unauthorized: 'reject', keyType: 'rsa-2048', digest: 'sha1' },
  }),
  special('own-service-2.11', '2.11', {
    ...{
      dedicatedPort: 2525,
      keyType: 'rsa-2048',
      baseMainCf: 'mynetworks = 127.0.0.0/8\ntls_ssl_options = no_compression, no_ticket\n',
    },
  }),
  special(
    'own-service-465',
    '3.0',
    { dedicatedPort: 465, serverCert: 'keep', clientLevel: 'encrypt' },
    [server],
    [client],
  ),
  special(
    'own-service-of-a-client',
    '3.7',
    { dedicatedPort: 587 },
    [server, 'relay.example.com'],
    [...['relay.example.com', client]],
  ),
  special('server-keeps-certificate', '3.7', { serverCert: 'keep', serverCa: '-----BEGIN CERTIFICATE-----\n' }),
  special(
    'own-transport',
    '3.7',
    {
      baseMainCf: [
        'compatibility_level = 3.6',
        'transport_maps = hash:/etc/postfix/transport',
        'sender_dependent_relayhost_maps = hash:/etc/postfix/senders, hash:/etc/postfix/more',
        'smtp_tls_policy_maps = hash:/etc/postfix/policy',
        'smtpd_tls_security_level = encrypt',
        '',
      ].join('\n'),
    },
    [server, 'relay.example.com'],
    ['relay.example.com'],
  ),
  {
    name: 'rotation',
    input: inputOf([server], rotating, settingsOf('3.11', { pin: 'both', clientLevel: 'fingerprint' }), rotation),
  },
];
