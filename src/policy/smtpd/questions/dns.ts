import type { Session } from '../dialogue/session.ts';
import { validHostName } from './host-name.ts';
import type { Trail } from './trail.ts';

export type DnsType = 'A' | 'AAAA' | 'MX' | 'NS' | 'TXT';

/** What a DNS question comes to. */
export type DnsAnswer =
  | { readonly kind: 'found'; readonly records: readonly string[] }
  | { readonly kind: 'no data' | 'no such name' | 'temporary' };

/** How a scenario writes a failure in place of records. */
const failures: Readonly<Record<string, DnsAnswer>> = {
  NXDOMAIN: { kind: 'no such name' },
  NODATA: { kind: 'no data' },
  SERVFAIL: { kind: 'temporary' },
  TRY_AGAIN: { kind: 'temporary' },
};

/** The given world's answer; undefined when the conversation has no DNS at all, so that the question is open. */
export function dnsAnswer(
  { conversation: { dns, dnsOpen } }: Session,
  name: string,
  type: DnsType,
): DnsAnswer | undefined {
  if (dns === undefined) return undefined;
  const folded = name.toLowerCase().replace(/\.$/, '');
  const given = dns[`${folded}/${type.toLowerCase()}`];
  if (typeof given === 'string') return failures[given.toUpperCase()] ?? { kind: 'found', records: [given] };
  if (given !== undefined) return given.length === 0 ? { kind: 'no data' } : { kind: 'found', records: given };
  if (dnsOpen === true) return undefined;
  const exists = Object.keys(dns).some((key) => key.startsWith(`${folded}/`) && typeof dns[key] !== 'string');
  return { kind: exists ? 'no data' : 'no such name' };
}

/** How an open question about a domain is named: all that could be supplied for it. */
export function domainKey(name: string): string {
  return `dns ${name}/MX, A, AAAA`;
}

/** Whether mail can be sent to a domain, as far as DNS says. */
export type MailDomain = 'found' | 'absent' | 'temporary' | 'null MX';

/**
 * A domain with mail servers or addresses exists; a single MX of `.` says that it takes no mail (RFC 7505), which
 * `nullMxDecides` makes the last word. All three types are asked until one is there, so that a temporary failure of one
 * counts only where nothing else is found.
 */
export function mailDomain(session: Session, name: string, trail: Trail, nullMxDecides: boolean): MailDomain {
  // What cannot be a host name is never asked for (Postfix refuses it before the resolver sees it).
  if (!validHostName(name)) return 'absent';
  const open: readonly MailDomain[] = ['found', 'absent', 'temporary', 'null MX'];
  let unfound: MailDomain = 'absent';
  for (const type of ['MX', 'A', 'AAAA'] as const) {
    const answer = dnsAnswer(session, name, type);
    if (answer === undefined) return trail.suppose(domainKey(name), open);
    if (answer.kind === 'temporary') unfound = 'temporary';
    if (answer.kind !== 'found') continue;
    const nullMx = type === 'MX' && answer.records.every((record) => /^\d+\s+\.$/.test(record.trim()));
    if (!nullMx) return 'found';
    if (nullMxDecides) return 'null MX';
    unfound = 'null MX';
  }
  return unfound;
}
