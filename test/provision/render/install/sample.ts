import { engine } from '../../../../src/provision/render/handlebars.ts';
import { masterEntry } from '../../../../src/provision/render/master-entry.ts';
import type { HostView } from '../../../../src/provision/render/view.ts';
import { readTemplates } from '../../../../src/provision/state/templates.ts';

const renderer = engine(readTemplates());

export const installDir = '/etc/postfix/certrelay';
export const relayList =
  'permit_mynetworks, permit_sasl_authenticated, permit_tls_clientcerts, defer_unauth_destination';

/** A server as install.sh sees it; `changes` replace fields. */
export function serverView(changes: Partial<HostView> = {}): HostView {
  const name = 'server.example.com';
  return {
    name,
    roles: ['server'],
    isServer: true,
    isClient: false,
    postfix: '3.7',
    versions: { from: '3.4', to: '3.12', last: '3.11', text: '3.4 to 3.11' },
    renderCommand: 'certrelay render',
    installDir,
    files: [
      { name: 'cacert.pem', mode: '0644' },
      { name: `${name}.pem`, mode: '0600' },
      { name: 'relay_clientcerts', mode: '0644' },
    ],
    pairs: [{ certificate: `${name}.crt`, key: `${name}.key` }],
    maps: [
      {
        type: '$default_database_type',
        path: `${installDir}/relay_clientcerts`,
        file: 'relay_clientcerts',
        parameter: 'relay_clientcerts',
      },
    ],
    tables: [],
    elements: [],
    parameters: [
      { name: 'smtpd_tls_security_level', value: 'may', unlessSet: false },
      { name: 'smtpd_tls_ask_ccert', value: 'yes', unlessSet: false },
      { name: 'smtpd_tls_cert_file', value: '', unlessSet: false },
      { name: 'smtpd_tls_key_file', value: '', unlessSet: false },
      { name: 'smtpd_tls_chain_files', value: `${installDir}/${name}.pem`, unlessSet: false },
      { name: 'smtpd_tls_fingerprint_digest', value: 'sha1', unlessSet: false },
      {
        name: 'relay_clientcerts',
        value: `$default_database_type:${installDir}/relay_clientcerts`,
        unlessSet: false,
      },
      { name: 'smtpd_relay_restrictions', value: relayList, unlessSet: false },
      { name: 'mynetworks', value: '127.0.0.0/8 [::1]/128', unlessSet: true },
    ],
    services: [],
    relayPort: '25',
    hasOwnService: false,
    server: [],
    client: [],
    ...changes,
  };
}

/** A server whose clients come to a service of its own on this port. */
export function ownServiceView(port: string, digest = 'sha256'): HostView {
  const service = masterEntry({ name: port, type: 'inet', program: 'smtpd', reason: ['For the clients.'] }, [
    { name: 'syslog_name', value: 'postfix/certrelay' },
    { name: 'smtpd_tls_security_level', value: 'encrypt' },
    { name: 'smtpd_tls_fingerprint_digest', value: digest },
    { name: 'relay_clientcerts', value: `$default_database_type:${installDir}/relay_clientcerts` },
    { name: 'smtpd_relay_restrictions', value: 'permit_tls_clientcerts, reject' },
    { name: 'smtpd_recipient_restrictions', value: '' },
  ]);
  return serverView({ relayPort: port, hasOwnService: true, services: [service], parameters: [] });
}

/** A client with a transport of its own, so that master.cf has a part in it. */
export function clientView(changes: Partial<HostView> = {}): HostView {
  const name = 'client.example.com';
  return {
    ...serverView(),
    name,
    roles: ['client'],
    isServer: false,
    isClient: true,
    files: [
      { name: 'cacert.pem', mode: '0644' },
      { name: `${name}.pem`, mode: '0600' },
    ],
    pairs: [{ certificate: `${name}.crt`, key: `${name}.key` }],
    maps: [],
    parameters: [
      { name: 'relayhost', value: '[server.example.com]:25', unlessSet: false },
      { name: 'default_transport', value: 'certrelay', unlessSet: false },
    ],
    services: [
      {
        reason: ['The transport of its own.'],
        name: 'certrelay',
        type: 'unix',
        line: 'certrelay unix - - y - - smtp -o smtp_tls_security_level=encrypt',
        head: 'certrelay unix - - y - - smtp',
        options: ['-o smtp_tls_security_level=encrypt'],
      },
    ],
    ...changes,
  };
}

/** A server whose table is in a database. */
export function databaseView(): HostView {
  const path = `${installDir}/relay_clientcerts.pgsql`;
  const view = serverView();
  return serverView({
    files: [
      ...view.files.filter(({ name }) => name !== 'relay_clientcerts'),
      { name: 'relay_clientcerts.pgsql', mode: '0640' },
      { name: 'database-ca.pem', mode: '0644' },
    ],
    maps: [],
    tables: [{ type: 'proxy:pgsql', path, file: 'relay_clientcerts', password: `${installDir}.pgpass` }],
    elements: [{ name: 'proxy_read_maps', element: '$relay_clientcerts' }],
    parameters: view.parameters.map((one) =>
      one.name === 'relay_clientcerts' ? { ...one, value: `proxy:pgsql:${path}` } : one,
    ),
  });
}

/** The script for a host. */
export function installScript(view: HostView): string {
  return renderer.render(view.isServer ? 'server/install.sh.hbs' : 'client/install.sh.hbs', view);
}

/** Its main.cf, without the comments. */
export function fragmentOf({ parameters }: HostView): string {
  return parameters.map(({ name, value }) => `${name} =${value === '' ? '' : ` ${value}`}\n`).join('');
}
