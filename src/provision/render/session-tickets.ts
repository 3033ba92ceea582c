import { isBefore } from '../settings/postfix-version.ts';
import type { Base } from './base.ts';
import type { Assignment } from './view.ts';

/** A setting that stops the session tickets of one service, in the releases from `since` up to `until` (exclusive). */
interface TicketSwitch {
  readonly since: string;
  readonly until?: string;
  setting(base: Base | undefined): Assignment;
}

/**
 * From 2.11 on, all services of a Postfix share the keys of TLS session tickets, and a ticket does not say which service
 * issued it (tls_server.c, server_session_id_context). A client can take a ticket from a service that asks for certificates
 * to one that does not, where it then counts as having shown its certificate. Before 2.11 each process has keys of its own,
 * or there are no tickets (HISTORY, 20130616). The session cache is searched by service name in every release.
 */
const switches: readonly TicketSwitch[] = [
  {
    since: '2.11',
    until: '3.0',
    // A value in master.cf replaces the one in main.cf, so the options there are repeated.
    setting: (base) => ({
      name: 'tls_ssl_options',
      value: [...optionsOf(base).filter((option) => !isNoTicket(option)), 'NO_TICKET'].join(', '),
    }),
  },
  // "Setting this parameter empty disables session ticket support" (postconf(5)). tls_ssl_options stays as main.cf has it.
  { since: '3.0', setting: () => ({ name: 'tls_session_ticket_cipher', value: '' }) },
];

/** What a service needs so that no other service accepts its sessions; nothing in releases where none does. */
export function withoutTickets(version: string, base: Base | undefined): readonly Assignment[] {
  return switches
    .filter(({ since, until }) => !isBefore(version, since) && (until === undefined || isBefore(version, until)))
    .map(({ setting }) => setting(base));
}

/** True when a service with these settings issues session tickets, which every other service accepts. */
export function issuesTickets(service: Base): boolean {
  const { text } = service.version;
  if (isBefore(text, '2.11') || optionsOf(service).some(isNoTicket)) return false;
  return isBefore(text, '3.0') || service.get('tls_session_ticket_cipher') !== '';
}

function optionsOf(base: Base | undefined): readonly string[] {
  return (base?.get('tls_ssl_options') ?? '').split(/[\s,]+/).filter((option) => option !== '');
}

/** Named in any case, or a bit in a hexadecimal mask: 0x4000 is OpenSSL's SSL_OP_NO_TICKET. */
function isNoTicket(option: string): boolean {
  return option.toUpperCase() === 'NO_TICKET' || (/^0x[0-9a-f]+$/i.test(option) && (BigInt(option) & 0x4000n) !== 0n);
}
