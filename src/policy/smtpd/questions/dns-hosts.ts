import { parseAddress } from '../../../lib/ip.ts';
import type { Session } from '../dialogue/session.ts';
import { dnsAnswer } from './dns.ts';
import { validHostName } from './host-name.ts';

/** Hosts that a domain's MX or NS records name, best known first; or why there are none. */
export type Hosts =
  | { readonly kind: 'found'; readonly hosts: readonly Host[] }
  | { readonly kind: 'absent' | 'temporary' | 'null MX' }
  /** The world was not given; `supply` names what would answer. */
  | { readonly kind: 'open'; readonly supply: string };

export interface Host {
  readonly name: string;
  /** Of an MX record; lower is better. */
  readonly preference: number;
}

/** Looks up the mail or name servers of exactly this name, in the order in which the records come. */
export function serversOf(session: Session, domain: string, type: 'MX' | 'NS'): Hosts {
  // What cannot be a host name is never asked for (Postfix refuses it before the resolver sees it).
  if (!validHostName(domain)) return { kind: 'absent' };
  const answer = dnsAnswer(session, domain, type);
  if (answer === undefined) return { kind: 'open', supply: `dns ${domain}/${type}` };
  if (answer.kind === 'temporary') return { kind: 'temporary' };
  if (answer.kind !== 'found') return { kind: 'absent' };
  const hosts = answer.records.map((record): Host => {
    const words = record.trim().split(/\s+/);
    const [preference = '0', name = ''] = type === 'MX' ? words : ['0', ...words];
    return { name: name === '.' ? '' : name.replace(/\.$/, ''), preference: Number(preference) };
  });
  // One MX record of `.` says that the domain takes no mail (RFC 7505).
  return hosts.length === 1 && hosts[0]?.name === '' ? { kind: 'null MX' } : { kind: 'found', hosts };
}

/** The addresses of a host, or why there are none. */
export type HostAddresses =
  | { readonly kind: 'found'; readonly addresses: readonly string[] }
  | { readonly kind: 'absent' | 'no data' | 'temporary' }
  | { readonly kind: 'open'; readonly supply: string };

/**
 * Looks up a host's addresses of the protocols that inet_protocols names, IPv6 first. An address is its own host.
 */
export function addressesOf(session: Session, name: string, protocols: string): HostAddresses {
  const own = parseAddress(name);
  if (own !== undefined) return { kind: 'found', addresses: [own.text] };
  if (name === '') return { kind: 'absent' };
  const types = (['AAAA', 'A'] as const).filter((type) => usesProtocol(protocols, type));
  const answers = types.map((type) => dnsAnswer(session, name, type));
  const given = answers.filter((answer) => answer !== undefined);
  if (given.length < types.length) return { kind: 'open', supply: `dns ${name}/${[...types].reverse().join(', ')}` };
  const addresses = given.flatMap((answer) => (answer.kind === 'found' ? answer.records : []));
  if (addresses.length > 0)
    return { kind: 'found', addresses: addresses.map((text) => parseAddress(text)?.text ?? text) };
  if (given.some(({ kind }) => kind === 'temporary')) return { kind: 'temporary' };
  return { kind: given.some(({ kind }) => kind === 'no data') ? 'no data' : 'absent' };
}

function usesProtocol(protocols: string, type: 'A' | 'AAAA'): boolean {
  const words = protocols.toLowerCase().split(/[\s,]+/);
  return words.includes('all') || words.includes(type === 'A' ? 'ipv4' : 'ipv6');
}
