import type { Problem } from '../lib/problem.ts';
import { type Base, serverBase } from './base.ts';
import type { RenderInput } from './input.ts';
import type { HostView } from './view.ts';

const certificateParameters = ['chain_files', 'cert_file', 'eccert_file', 'dcert_file'].map(
  (name) => `smtpd_tls_${name}`,
);

/** What the operator should know beside the files, as far as the server's present main.cf is known. */
export function noticesOf(input: RenderInput, hosts: readonly HostView[]): readonly Problem[] {
  const { settings } = input.inventory;
  const server = hosts.find(({ isServer }) => isServer);
  const base = server === undefined ? undefined : serverBase(settings, server.postfix);
  if (base === undefined) return [];
  return [...loopbackOnly(base), ...(settings.serverCert === 'keep' ? nothingKept(base) : [])];
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
