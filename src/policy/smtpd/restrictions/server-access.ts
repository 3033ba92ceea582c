import { parseAddress } from '../../../lib/ip.ts';
import { atLeast } from '../../postfix/version.ts';
import type { Session } from '../dialogue/session.ts';
import { type AccessAnswer, AccessLookup } from '../lists/access-lookup.ts';
import type { Restriction } from '../lists/restriction.ts';
import type { Check } from '../lists/run.ts';
import { named, type Scope, type Site } from '../lists/scope.ts';
import { dnsAnswer } from '../questions/dns.ts';
import { addressesOf, serversOf } from '../questions/dns-hosts.ts';
import type { Question } from '../questions/facts.ts';
import { mailHostAddress } from '../questions/own-address.ts';
import type { Subject } from '../questions/subjects.ts';
import type { Trail } from '../questions/trail.ts';
import { addressOf, addressScope } from './addresses.ts';
import { applyAccess, neverPermits } from './apply-access.ts';

/** One party whose servers a table can be asked about. */
interface Party {
  readonly name: string;
  readonly subject: Subject;
  readonly doc: string;
  /** The name or address that the party goes by; undefined: there is nothing to look up. */
  of(session: Session): string | undefined;
  scope(scope: Scope): Scope;
}

const parties: readonly Party[] = [
  {
    name: 'client',
    subject: 'client name',
    doc: 'client name',
    of: ({ peer }) => (peer.name === 'unknown' ? undefined : peer.name),
    scope: (scope) => named(scope, 'Client host', ({ peer }) => peer.namaddr),
  },
  {
    name: 'reverse_client_hostname',
    subject: 'client name',
    doc: 'unverified client name',
    of: ({ peer }) => (peer.reverseName === 'unknown' ? undefined : peer.reverseName),
    scope: (scope) => named(scope, 'Unverified Client host', ({ peer }) => peer.reverseName),
  },
  {
    name: 'helo',
    subject: 'helo',
    doc: 'helo name',
    of: ({ helo }) => helo,
    scope: (scope) => named(scope, 'Helo command', ({ helo }) => helo ?? ''),
  },
  {
    name: 'sender',
    subject: 'sender',
    doc: "sender's domain",
    of: (session) => addressOf(session, 'sender')?.text,
    scope: (scope) => addressScope(scope, 'sender'),
  },
  {
    name: 'recipient',
    subject: 'recipient',
    doc: "recipient's domain",
    of: (session) => addressOf(session, 'recipient')?.text,
    scope: (scope) => addressScope(scope, 'recipient'),
  },
];

type Lookup = 'ns' | 'mx' | 'a';

const lookups: readonly { readonly lookup: Lookup; readonly since: string; readonly what: string }[] = [
  { lookup: 'ns', since: '2.9', what: 'name servers' },
  { lookup: 'mx', since: '2.9', what: 'mail servers' },
  { lookup: 'a', since: '3.0', what: 'addresses' },
];

/** As many addresses are looked at in one go where a release bounds them (dns_rr_list_limit). */
const addressLimit = 100;

/** Finds the first server of a party that an access table names. */
class ServerAccess {
  readonly access: AccessLookup;
  private readonly lookup: Lookup;
  private readonly protocols: string;
  /** From 3.2 on the address of `user@[address]` counts as the address of its domain. */
  private readonly literals: boolean;
  private readonly climbs: boolean;

  constructor(site: Site, lookup: Lookup) {
    this.access = new AccessLookup(site.config.table(site.argument ?? ''), site.questions);
    this.lookup = lookup;
    this.climbs = atLeast(site.config.version, '3.1');
    this.protocols = site.config.get('inet_protocols');
    this.literals = lookup === 'mx' || (lookup === 'a' && atLeast(site.config.version, '3.2'));
  }

  find(text: string, session: Session, trail: Trail): AccessAnswer {
    const domain = text.slice(text.lastIndexOf('@') + 1);
    if (!domain.startsWith('[')) return this.servers(domain, session, trail);
    const address = this.literals && domain.endsWith(']') ? mailHostAddress(domain.slice(1, -1)) : undefined;
    return address === undefined ? undefined : this.access.address(address, 'address', trail);
  }

  private servers(domain: string, session: Session, trail: Trail): AccessAnswer {
    if (this.lookup === 'a') return this.addresses(domain, session, trail);
    if (this.lookup === 'mx') {
      const found = serversOf(session, domain, 'MX');
      if (found.kind === 'open') return this.access.unknownKey(found.supply, trail);
      // A name without mail servers is its own.
      if (found.kind === 'absent') return this.first([domain], session, trail);
      return found.kind === 'found'
        ? this.first(
            found.hosts.map(({ name }) => name),
            session,
            trail,
          )
        : undefined;
    }
    for (let name = domain; name !== ''; name = parentOf(name)) {
      const found = serversOf(session, name, 'NS');
      if (found.kind === 'open') return this.access.unknownKey(found.supply, trail);
      if (found.kind === 'found')
        return this.first(
          found.hosts.map((host) => host.name),
          session,
          trail,
        );
      if (found.kind !== 'absent') return undefined;
      // Up to 3.0 only a name that exists leads on to the domain above it.
      if (!this.climbs && !exists(session, name)) return undefined;
    }
    return undefined;
  }

  /** Each server by its name with parents, then by its addresses; the first that is found decides. */
  private first(hosts: readonly string[], session: Session, trail: Trail): AccessAnswer {
    for (const host of hosts.slice(0, addressLimit)) {
      const answer = this.access.domain(host, 'server', trail) ?? this.addresses(host, session, trail);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  private addresses(host: string, session: Session, trail: Trail): AccessAnswer {
    const found = addressesOf(session, host, this.protocols);
    if (found.kind === 'open') return this.access.unknownKey(found.supply, trail);
    if (found.kind !== 'found') return undefined;
    const hits = found.addresses
      .slice(0, addressLimit)
      .map((address) => ({
        group: sortingGroup(address),
        answer: this.access.address(address, 'server address', trail),
      }))
      .filter(({ answer }) => answer !== undefined);
    const [first] = hits;
    if (first === undefined || hits.every(({ group }) => group === first.group)) return first?.answer;
    const answers = [...new Set(hits.map(({ answer }) => answer))];
    return answers.length === 1 ? first.answer : trail.suppose(`order of the addresses of ${host}`, answers);
  }
}

/** Whether DNS has anything under a name that has no name servers; a client's verified name is one that it has. */
function exists(session: Session, name: string): boolean {
  return dnsAnswer(session, name, 'NS')?.kind === 'no data' || name.toLowerCase() === session.peer.foldedName;
}

/** The next domain above, empty above the top. */
function parentOf(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1);
}

/** A resolver sorts addresses by family and reach (RFC 6724); within such a group they stay as they came. */
function sortingGroup(address: string): string {
  const parsed = parseAddress(address);
  if (parsed?.family === 6) return address.startsWith('fe80:') || address === '::1' ? 'IPv6 near' : 'IPv6';
  return /^(127\.|169\.254\.)/.test(address) ? 'IPv4 near' : 'IPv4';
}

function compile(site: Site, party: Party, lookup: Lookup): Check {
  const servers = new ServerAccess(site, lookup);
  const { access } = servers;
  const question: Question<AccessAnswer> = site.questions.once<AccessAnswer>({
    subject: party.subject,
    text: `${access.table.spec}[${lookup} of ${party.doc}]`,
    literal(session, trail) {
      const text = party.of(session);
      return text === undefined ? undefined : servers.find(text, session, trail);
    },
    say: (answer) => (answer === undefined ? 'not found' : typeof answer === 'string' ? answer : 'cannot be read'),
  });
  const applied = applyAccess(site, question, party.scope(site.scope), access.table.spec);
  // Whoever names a server chooses it: a permit would be in the hands of the client.
  return neverPermits(site, applied, (run) => party.of(run.session) ?? '');
}

/** Restrictions that ask an access(5) table about the servers behind a party's name. */
export const serverAccess: readonly Restriction[] = parties.flatMap((party) =>
  lookups.map(({ lookup, since, what }) => ({
    name: `check_${party.name}_${lookup}_access`,
    since,
    takes: 'table' as const,
    doc: `Look up the ${what} of the ${party.doc}.`,
    consults: ['dns' as const],
    compile: (site: Site) => compile(site, party, lookup),
  })),
);
