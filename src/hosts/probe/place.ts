import { domainToASCII } from 'node:url';
import { parseAddress } from '../../lib/ip.ts';
import { usage } from '../../lib/problem.ts';

/** Where a server is asked. */
export interface Place {
  /** A host name (A-labels) or an address without brackets. */
  readonly host: string;
  readonly port: number;
  /** TLS comes before SMTP (RFC 8314, section 3). */
  readonly isWrapped: boolean;
}

/** Ports on which TLS comes first, whatever is spoken after it. */
const wrappedPorts = new Set([443, 465, 636, 993, 995]);

/** Names that /etc/services has for ports of mail servers. */
const services: Readonly<Record<string, number>> = { smtp: 25, submission: 587, smtps: 465, submissions: 465 };

/**
 * Reads `HOST`, `HOST:PORT`, `[ADDRESS]:PORT` or a bare address. `port` is taken where none is named.
 * @throws CertrelayError (usage)
 */
export function readPlace(text: string, port: number | undefined, isWrapped: boolean): Place {
  const { host, port: named } = split(text);
  const number = named === undefined ? (port ?? (isWrapped ? 465 : 25)) : portNumber(named, text);
  return { host: hostName(host, text), port: number, isWrapped: isWrapped || wrappedPorts.has(number) };
}

/** Whether a text looks like a host with a port, rather than the name of a file. */
export function looksLikePlace(text: string): boolean {
  return /^(\[[\da-f:.]+\]|[^/:\s]+):\w+$/i.test(text);
}

function split(text: string): { readonly host: string; readonly port: string | undefined } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) return { host: bracketed[1] ?? '', port: bracketed[2] };
  // An IPv6 address without brackets has colons of its own, and no port.
  if (parseAddress(text) !== undefined) return { host: text, port: undefined };
  const colon = text.indexOf(':');
  return colon < 0 ? { host: text, port: undefined } : { host: text.slice(0, colon), port: text.slice(colon + 1) };
}

function portNumber(named: string, text: string): number {
  const number = /^\d{1,5}$/.test(named) ? Number(named) : services[named.toLowerCase()];
  if (number !== undefined && number >= 1 && number <= 65_535) return number;
  const hint = 'HOST, HOST:PORT or [IPV6-ADDRESS]:PORT with a port from 1 to 65535';
  throw usage('port-invalid', `"${text}" has no port that can be: "${named}"`, hint);
}

function hostName(host: string, text: string): string {
  const address = parseAddress(host.replace(/^IPv6:/i, ''));
  if (address !== undefined) return address.text;
  const name = /^[^\s@/\\[\]:\p{Cc}]+$/u.test(host) ? domainToASCII(host).replace(/\.$/, '') : '';
  if (name !== '' && name.length <= 253) return name;
  throw usage('place-invalid', `"${text}" names no host`, 'HOST, HOST:PORT or [IPV6-ADDRESS]:PORT');
}

/** A place as people write it. */
export function placeText({ host, port }: Pick<Place, 'host' | 'port'>): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
