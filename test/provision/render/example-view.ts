import type { HostView } from '../../../src/provision/render/view.ts';

/** A view in which no list is empty, so that every path of a template has something to be found in. */
export const exampleView: HostView = {
  name: 'relay.example.com',
  roles: ['server', 'client'],
  isServer: true,
  isClient: true,
  postfix: '3.7.11',
  versions: { from: '3.4', to: '3.12', last: '3.11', text: '3.4 to 3.11' },
  renderCommand: 'certrelay render',
  installDir: '/etc/postfix/certrelay',
  files: [{ name: 'cacert.pem', mode: '0644' }],
  pairs: [{ certificate: 'relay.example.com.pem', key: 'relay.example.com.pem' }],
  maps: [
    { type: 'hash', path: '/etc/postfix/certrelay/tls_policy', file: 'tls_policy', parameter: 'smtp_tls_policy_maps' },
  ],
  tables: [
    {
      type: 'proxy:pgsql',
      path: '/etc/postfix/certrelay/relay_clientcerts.pgsql',
      file: 'relay_clientcerts',
      password: '/etc/postfix/certrelay.pgpass',
    },
  ],
  elements: [{ name: 'proxy_read_maps', element: '$relay_clientcerts' }],
  parameters: [{ name: 'mynetworks', value: '127.0.0.0/8', unlessSet: true }],
  services: [
    {
      reason: ['because'],
      name: 'certrelay',
      type: 'unix',
      line: 'certrelay unix - - n - - smtp -o a=b',
      head: 'certrelay unix - - n - - smtp',
      options: ['-o a=b'],
    },
  ],
  relayPort: '25',
  hasOwnService: true,
  server: [
    {
      elsewhere: ['said in master.cf'],
      securityLevel: 'may',
      digest: 'sha256',
      caFile: [{ name: 'smtpd_tls_CAfile', value: '/etc/postfix/certrelay/cacert.pem' }],
      certificate: [{ name: 'smtpd_tls_chain_files', value: '/etc/postfix/certrelay/relay.example.com.pem' }],
      certificateUnused: [{ name: 'smtpd_tls_cert_file', value: '' }],
      relayClientcerts: 'hash:/etc/postfix/certrelay/relay_clientcerts',
      database: [
        {
          file: '/etc/postfix/certrelay/relay_clientcerts.pgsql',
          hosts: 'postgresql://certrelay_reader@db.example.com/certrelay?sslmode=verify-full',
          name: 'certrelay',
          password: [{ file: '/etc/postfix/certrelay.pgpass' }],
          proxyReadMaps: '$transport_maps $relay_clientcerts',
        },
      ],
      hardening: [{ name: 'smtpd_tls_ciphers', value: 'medium' }],
      mynetworks: [{ name: 'mynetworks', value: '127.0.0.0/8' }],
      mynetworksReason: ['because'],
      restrictions: [{ name: 'smtpd_relay_restrictions', value: 'permit_tls_clientcerts, defer_unauth_destination' }],
      restrictionsReason: ['because'],
      portNotes: ['note'],
      entries: [
        {
          fingerprint: 'AB:CD',
          client: 'client.example.com',
          kind: 'certificate',
          certificates: [{ serial: '0a', notAfter: '2027-04-02T12:00:00Z' }],
          comments: ['# of the mail room'],
        },
      ],
      kept: [{ lines: ['# the end of an earlier map'] }],
    },
  ],
  client: [
    {
      route: [{ name: 'relayhost', value: '[a.example.com]:25' }],
      routeReason: ['because'],
      transport: [{ name: 'default_transport', value: 'certrelay' }],
      transportReason: ['because'],
      policyMaps: [{ name: 'smtp_tls_policy_maps', value: 'hash:/etc/postfix/certrelay/tls_policy' }],
      tls: [{ name: 'smtp_tls_security_level', value: 'secure' }],
      trust: [{ name: 'smtp_tls_CApath', value: '' }],
      certificate: [{ name: 'smtp_tls_chain_files', value: '/etc/postfix/certrelay/relay.example.com-client.pem' }],
      certificateUnused: [{ name: 'smtp_tls_cert_file', value: '' }],
      hardening: [{ name: 'smtp_tls_mandatory_protocols', value: '!SSLv2' }],
      policies: [{ nexthop: '[a.example.com]:25', policy: 'encrypt' }],
    },
  ],
};
