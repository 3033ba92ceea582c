import type { Preset } from './row.ts';

/**
 * Debian and Ubuntu write main.cf when the package is installed (main.cf.debian and main.cf.tls of the package, then
 * what its postinst sets); these are the lines after the choice "Internet Site". myhostname and the host's name in
 * mydestination are left to the host.
 */
function internetSite(compatibilityLevel: string): Preset['parameters'] {
  return [
    ['smtpd_banner', '$myhostname ESMTP $mail_name (Debian/GNU)'],
    ['biff', 'no'],
    ['append_dot_mydomain', 'no'],
    ['readme_directory', 'no'],
    ['compatibility_level', compatibilityLevel],
    ['smtpd_tls_cert_file', '/etc/ssl/certs/ssl-cert-snakeoil.pem'],
    ['smtpd_tls_key_file', '/etc/ssl/private/ssl-cert-snakeoil.key'],
    ['smtpd_tls_security_level', 'may'],
    ['smtp_tls_CApath', '/etc/ssl/certs'],
    ['smtp_tls_security_level', 'may'],
    ['smtp_tls_session_cache_database', `btree:\${data_directory}/smtp_scache`],
    ['smtpd_relay_restrictions', 'permit_mynetworks permit_sasl_authenticated defer_unauth_destination'],
    ['alias_maps', 'hash:/etc/aliases'],
    ['alias_database', 'hash:/etc/aliases'],
    ['myorigin', '/etc/mailname'],
    ['mydestination', '$myhostname, localhost.localdomain, localhost'],
    ['relayhost', ''],
    ['mynetworks', '127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128'],
    ['mailbox_size_limit', '0'],
    ['recipient_delimiter', '+'],
    ['inet_interfaces', 'all'],
    ['inet_protocols', 'all'],
  ];
}

export const debian: readonly Preset[] = [
  { name: 'debian11', version: '3.5.25', tableType: 'hash', parameters: internetSite('2') },
  { name: 'debian12', version: '3.7.11', tableType: 'hash', parameters: internetSite('3.6') },
  { name: 'debian13', version: '3.10.13', tableType: 'hash', parameters: internetSite('3.9') },
  { name: 'ubuntu22.04', version: '3.6.4', tableType: 'hash', parameters: internetSite('3.6') },
  { name: 'ubuntu24.04', version: '3.8.6', tableType: 'hash', parameters: internetSite('3.6') },
];
