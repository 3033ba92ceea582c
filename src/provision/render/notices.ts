import type { Problem } from '../../lib/problem.ts';
import { type Base, listOf, serverBase } from './base.ts';
import type { RenderInput } from './input.ts';
import type { HostView } from './view.ts';

const certificateParameters = ['chain_files', 'cert_file', 'eccert_file', 'dcert_file'].map(
  (name) => `smtpd_tls_${name}`,
);

/** What the packages of Debian and Red Hat make for themselves: signed by nobody, and nobody trusts it. */
export const packagedCertificates: ReadonlySet<string> = new Set([
  '/etc/ssl/certs/ssl-cert-snakeoil.pem',
  '/etc/pki/tls/certs/postfix.pem',
]);

/** What the operator should know beside the files, as far as the server's present main.cf is known. */
export function noticesOf(input: RenderInput, hosts: readonly HostView[]): readonly Problem[] {
  const { settings } = input.inventory;
  const server = hosts.find(({ isServer }) => isServer);
  const base = server === undefined ? undefined : serverBase(settings, server.postfix);
  if (base === undefined) return [];
  const isBoth = hosts.some(({ isServer, client }) => isServer && client.some(({ tls }) => tls.length > 0));
  return [
    ...loopbackOnly(base),
    ...(settings.serverCert === 'keep' ? nothingKept(base) : []),
    ...(settings.serverCert === 'keep' || settings.dedicatedPort !== undefined
      ? []
      : replaced(base, settings.installDir)),
    ...(isBoth ? otherRoutes(base) : []),
  ];
}

function loopbackOnly(base: Base): readonly Problem[] {
  const listens = base.get('inet_interfaces').trim().toLowerCase();
  if (!['localhost', 'loopback-only', '127.0.0.1'].includes(listens)) return [];
  return [
    {
      code: 'server-loopback-only',
      message: `the server's main.cf says "inet_interfaces = ${listens}", so no client can reach it`,
      hint: 'set "inet_interfaces = all" on the server, and restart Postfix there',
    },
  ];
}

/** Without a certificate smtpd(8) offers no STARTTLS, and no client can show its own. */
function nothingKept(base: Base): readonly Problem[] {
  if (certificateParameters.some((name) => base.get(name) !== '')) return [];
  return [
    {
      code: 'no-certificate-kept',
      message: 'the server is to keep its certificate, but its main.cf names none',
      hint: 'set smtpd_tls_cert_file and smtpd_tls_key_file there, or choose --server-cert internal',
    },
  ];
}

/** The certificate in main.cf is that of every port. install.sh and apply find out which, and stop there. */
function replaced(base: Base, installDir: string): readonly Problem[] {
  const files = certificateParameters
    .flatMap((name) => listOf(base, name))
    .filter((file) => file !== 'none' && !packagedCertificates.has(file) && !file.startsWith(`${installDir}/`));
  if (files.length === 0) return [];
  return [
    {
      code: 'certificate-replaced',
      message: `every port of the server would show a certificate of certrelay's CA in place of ${files.join(', ')}`,
      hint: 'install.sh and apply stop there unless --replace-certificate says yes; --server-cert keep or --dedicated-port PORT leaves it in place',
    },
  ];
}

/** What a server that is a client sends elsewhere, as far as main.cf alone tells. */
function otherRoutes(base: Base): readonly Problem[] {
  const value = (name: string) => base.get(name).trim();
  const routes = [
    ...['default_transport', 'relay_transport'].filter((name) => /^(?:smtp|relay):./.test(value(name))),
    ...['local', 'virtual', 'mailbox', 'fallback']
      .map((name) => `${name}_transport`)
      .filter((name) => /^(?:smtp|relay)(?::|$)/.test(value(name))),
    ...['content_filter'].filter((name) => value(name) !== '' && !value(name).startsWith('lmtp:')),
    ...['smtp_fallback_relay', 'smtp_tls_per_site'].filter((name) => value(name) !== ''),
  ];
  if (routes.length === 0) return [];
  const lines = routes.map((name) => `${name} = ${value(name)}`).join('; ');
  return [
    {
      code: 'other-routes',
      message: `mail on other routes of the server would get the TLS level and CA of the relay: ${lines}`,
      hint: 'install.sh and apply stop there unless --all-routes says yes; --dedicated-port PORT leaves them as they are',
    },
  ];
}
