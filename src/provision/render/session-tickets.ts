import { isBefore } from '../settings/postfix-version.ts';
import type { Base } from './base.ts';
import type { Assignment } from './view.ts';

/**
 * From 2.11 on, all services of a Postfix share the keys of TLS session tickets, and a ticket does not say which service
 * issued it (tls_server.c, server_session_id_context). A client can take a ticket from a service that asks for certificates
 * to one that does not, where it then counts as having shown its certificate. Before 2.11 each process has keys of its own,
 * or there are no tickets (HISTORY, 20130616). The session cache is searched by service name in every release.
 */
const since = '2.11';

/**
 * What a service needs so that no other service accepts its sessions; nothing in releases where none does. A value in
 * master.cf replaces the one in main.cf, so the options of the base are repeated.
 */
export function withoutTickets(version: string, base: Base | undefined): readonly Assignment[] {
  if (isBefore(version, since)) return [];
  const options = optionsOf(base).filter((option) => !isNoTicket(option));
  return [{ name: 'tls_ssl_options', value: [...options, 'NO_TICKET'].join(', ') }];
}

/** True when a service with these settings issues session tickets, which every other service accepts. */
export function issuesTickets(service: Base): boolean {
  const { text } = service.version;
  if (isBefore(text, since) || optionsOf(service).some(isNoTicket)) return false;
  // "Setting this parameter empty disables session ticket support" (postconf(5), since 3.0).
  return isBefore(text, '3.0') || service.get('tls_session_ticket_cipher') !== '';
}

function optionsOf(base: Base | undefined): readonly string[] {
  return (base?.get('tls_ssl_options') ?? '').split(/[\s,]+/).filter((option) => option !== '');
}

/** Named in any case, or a bit in a hexadecimal mask: 0x4000 is OpenSSL's SSL_OP_NO_TICKET. */
function isNoTicket(option: string): boolean {
  return option.toUpperCase() === 'NO_TICKET' || (/^0x[0-9a-f]+$/i.test(option) && (BigInt(option) & 0x4000n) !== 0n);
}
