import type { OptionRow } from '../../lib/option-row.ts';
import { digests, keyTypes } from '../../x509/algorithms.ts';
import { clientLevels, pins } from './types.ts';

/** The operating systems whose Postfix version, stock main.cf and table type certrelay knows. */
export const presetNames = [
  'centos7',
  'rhel8',
  'rhel9',
  'rhel10',
  'debian11',
  'debian12',
  'debian13',
  'ubuntu22.04',
  'ubuntu24.04',
] as const;

/** Every option of `init` that describes the set-up; each is also a question of the wizard where it is needed. */
export const setUpOptions: readonly OptionRow[] = [
  { flags: '--server <name...>', doc: 'host that relays for the clients; may be given several times' },
  { flags: '--client <name...>', doc: 'host that relays through the servers; may be given several times' },
  { flags: '--clients-file <file>', doc: 'more clients: a name a line, or CSV with a header that has a "name" column' },
  { flags: '--postfix <version>', doc: "the server's Postfix version, X.Y (newest patch level) or X.Y.Z" },
  { flags: '--client-postfix <version>', doc: "the clients' Postfix version" },
  { flags: '--os <preset>', doc: "the server's operating system", choices: presetNames },
  { flags: '--client-os <preset>', doc: "the clients' operating system", choices: presetNames },
  { flags: '--relay-port <port>', doc: 'port that the clients use on the server', fallback: '25' },
  {
    flags: '--dedicated-port <port>',
    formerFlags: '--service <port>',
    doc: "a dedicated service on this port, the only one that asks for certificates: the server's others stay as they are",
    fallback: 'off',
  },
  { flags: '--digest <name>', doc: 'fingerprint digest of the map', choices: digests, fallback: 'sha1' },
  {
    flags: '--key-type <type>',
    doc: 'key type of certificates issued from now on',
    choices: keyTypes,
    fallback: 'ec-p256',
  },
  { flags: '--days <n>', doc: 'lifetime of server and client certificates issued from now on', fallback: '397' },
  { flags: '--ca-days <n>', doc: 'lifetime of the authority', fallback: '3650' },
  { flags: '--ca-name <name>', doc: "the authority's common name" },
  { flags: '--constrain <domain...>', doc: 'the authority may issue for these DNS domains only (name constraints)' },
  {
    flags: '--passphrase-file <file>',
    doc: "file whose first line encrypts the authority's key (or systemd's credential ca-passphrase)",
    isSecret: true,
  },
  { flags: '--table-type <type>', doc: 'lookup table type of the maps', fallback: '$default_database_type' },
  {
    flags: '--database <url...>',
    doc: 'with --table-type pgsql: where the servers find the database, such as postgresql://certrelay_reader@db.example.com/certrelay',
  },
  {
    flags: '--database-ca <file>',
    doc: 'with --table-type pgsql: PEM of the issuer of the certificate that the database has',
  },
  {
    flags: '--policy <list>',
    doc: 'restriction list that carries the permit: relay (from 2.10) or recipient',
    choices: ['relay', 'recipient'],
  },
  {
    flags: '--unauthorized <action>',
    doc: 'what others get: defer keeps their mail queued, reject bounces it',
    choices: ['defer', 'reject'],
  },
  { flags: '--no-permit-sasl', doc: 'leave permit_sasl_authenticated out' },
  { flags: '--mynetworks <list>', doc: 'networks that relay without a certificate' },
  {
    flags: '--client-level <level>',
    doc: 'how the client checks the server',
    choices: clientLevels,
    fallback: 'secure',
  },
  { flags: '--pin <what>', doc: 'what the map lists', choices: pins, fallback: 'certificate' },
  {
    flags: '--server-cert <which>',
    doc: 'internal: issued by the authority; keep: the server keeps its own',
    choices: ['internal', 'keep'],
    fallback: 'internal',
  },
  { flags: '--server-ca <file>', doc: 'with --server-cert keep: PEM of the issuer that the clients trust' },
  { flags: '--base-main-cf <file>', doc: 'the present "postconf -n" of the server' },
  { flags: '--install-dir <dir>', doc: 'folder on the hosts', fallback: '/etc/postfix/certrelay' },
  { flags: '--config <file>', doc: 'all of the above as JSON or YAML' },
];

/** What exists is not a setting but a source, so it stands apart: no question asks for it, and no config file names it. */
export const importOption: OptionRow = {
  flags: '--import <path...>',
  doc: 'take over what exists: the folder of an authority (openssl, easy-rsa, step), a relay_clientcerts, certificates and keys; detected by content, never changed',
};
