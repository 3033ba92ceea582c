import type { Preset } from './row.ts';

type Lines = Preset['parameters'];

const debuggerCommand =
  'PATH=/bin:/usr/bin:/usr/local/bin:/usr/X11R6/bin ddd $daemon_directory/$process_name $process_id & sleep 5';

/** The active lines of the commented main.cf that the package installs; CentOS 7 has these and no TLS. */
function stock(aliases: string, documentation: string): Lines {
  return [
    ['queue_directory', '/var/spool/postfix'],
    ['command_directory', '/usr/sbin'],
    ['daemon_directory', '/usr/libexec/postfix'],
    ['data_directory', '/var/lib/postfix'],
    ['mail_owner', 'postfix'],
    ['inet_interfaces', 'localhost'],
    ['inet_protocols', 'all'],
    ['mydestination', '$myhostname, localhost.$mydomain, localhost'],
    ['unknown_local_recipient_reject_code', '550'],
    ['alias_maps', aliases],
    ['alias_database', aliases],
    ['debug_peer_level', '2'],
    ['debugger_command', debuggerCommand],
    ['sendmail_path', '/usr/sbin/sendmail.postfix'],
    ['newaliases_path', '/usr/bin/newaliases.postfix'],
    ['mailq_path', '/usr/bin/mailq.postfix'],
    ['setgid_group', 'postdrop'],
    ['html_directory', 'no'],
    ['manpage_directory', '/usr/share/man'],
    ['sample_directory', `${documentation}/samples`],
    ['readme_directory', `${documentation}/README_FILES`],
  ];
}

/** What Red Hat added with release 8: a self-made certificate, opportunistic TLS in both directions, the system's CAs. */
const tls: Lines = [
  ['smtpd_tls_cert_file', '/etc/pki/tls/certs/postfix.pem'],
  ['smtpd_tls_key_file', '/etc/pki/tls/private/postfix.key'],
  ['smtpd_tls_security_level', 'may'],
  ['smtp_tls_CApath', '/etc/pki/tls/certs'],
  ['smtp_tls_CAfile', '/etc/pki/tls/certs/ca-bundle.crt'],
  ['smtp_tls_security_level', 'may'],
  ['meta_directory', '/etc/postfix'],
  ['shlib_directory', '/usr/lib64/postfix'],
];

function release(compatibilityLevel: string, aliases: string): Lines {
  return [['compatibility_level', compatibilityLevel], ...stock(aliases, '/usr/share/doc/postfix'), ...tls];
}

// Berkeley DB left with release 10: lmdb is what is there in place of hash.
export const redHat: readonly Preset[] = [
  {
    name: 'centos7',
    version: '2.10.1',
    tableType: 'hash',
    parameters: stock('hash:/etc/aliases', '/usr/share/doc/postfix-2.10.1'),
  },
  { name: 'rhel8', version: '3.5.8', tableType: 'hash', parameters: release('2', 'hash:/etc/aliases') },
  { name: 'rhel9', version: '3.5.25', tableType: 'hash', parameters: release('2', 'hash:/etc/aliases') },
  { name: 'rhel10', version: '3.8.5', tableType: 'lmdb', parameters: release('3.8', 'lmdb:/etc/aliases') },
];
