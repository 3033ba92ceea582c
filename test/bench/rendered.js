import { createHash } from 'node:crypto';

/** The rendered configuration of a server, and sessions of its clients: half of their certificates are listed. */
export const tablePath = '/etc/postfix/certrelay/relay_clientcerts';

export const settings = [
  'compatibility_level = 3.6',
  'myhostname = server.example.com',
  'mynetworks = 127.0.0.0/8 [::1]/128',
  'smtpd_tls_security_level = may',
  'smtpd_tls_ask_ccert = yes',
  'smtpd_tls_chain_files = /etc/postfix/certrelay/server.example.com.pem',
  'smtpd_tls_CAfile = /etc/postfix/certrelay/cacert.pem',
  'smtpd_tls_fingerprint_digest = sha256',
  `relay_clientcerts = hash:${tablePath}`,
  'smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, permit_tls_clientcerts, defer_unauth_destination',
];

export const fingerprint = (index) =>
  createHash('sha256').update(`certificate ${index}`).digest('hex').toUpperCase().match(/../g).join(':');

/** Every second fingerprint, so many of them. */
export const table = (entries) =>
  `${Array.from({ length: entries }, (_, index) => `${fingerprint(2 * index)} c${index}.example.com`).join('\n')}\n`;

export const sessionOf = (index, entries) => ({
  client: { address: `192.0.${index % 256}.${(index >> 8) % 256}`, name: `c${index}.example.com` },
  tls: {
    protocol: 'TLSv1.3',
    certificate: {
      trusted: true,
      subject: `c${index}.example.com`,
      issuer: 'bench authority',
      // All over the table: sessions that come in its order would find the next entry beside the last.
      fingerprint: { sha256: fingerprint((index * 104_729) % (2 * entries)) },
      publicKeyFingerprint: { sha256: fingerprint(-1 - index) },
    },
  },
  helo: `c${index}.example.com`,
  mailFrom: `root@c${index}.example.com`,
  rcptTo: [`someone@outside${index}.example`],
});
