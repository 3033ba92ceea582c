import { atLeast } from '../../postfix/version.ts';
import { resolverCuts } from '../address/cuts.ts';
import { matched } from '../address/matched.ts';
import type { Session } from '../dialogue/session.ts';
import { rejected } from '../lists/actions.ts';
import type { Restriction } from '../lists/restriction.ts';
import { type Check, DUNNO, OK } from '../lists/run.ts';
import type { Site } from '../lists/scope.ts';
import { addressesOf, type Host, type HostAddresses, serversOf } from '../questions/dns-hosts.ts';
import type { Question } from '../questions/facts.ts';
import { isInterface } from '../questions/own-address.ts';
import type { Trail } from '../questions/trail.ts';
import { addressScope } from './addresses.ts';
import { destinationOf } from './destination.ts';
import { resolutionOf } from './resolution.ts';

/** Whether this server is a backup for the recipient's domain; `unsure` names what could not be looked up. */
interface Backup {
  readonly permitted: boolean;
  readonly unsure?: string;
}

const no: Backup = { permitted: false };

/** Texts of getaddrinfo(3) for a host without addresses. */
const addressErrors = {
  absent: 'Name or service not known',
  'no data': 'No address associated with hostname',
  temporary: 'Temporary failure in name resolution',
} as const;

/** Compares the mail servers of a domain with the addresses and names of this one. */
class BackupSearch {
  private readonly site: Site;
  private readonly session: Session;
  private readonly trail: Trail;
  /** The first lookup that failed. */
  private unsure: string | undefined = undefined;

  constructor(site: Site, session: Session, trail: Trail) {
    this.site = site;
    this.session = session;
    this.trail = trail;
  }

  find(domain: string): Backup {
    const found = serversOf(this.session, domain, 'MX');
    if (found.kind === 'open') return this.open(found.supply);
    if (found.kind === 'temporary') {
      const reason = atLeast(this.site.config.version, '3.0') ? ': Host not found, try again' : '';
      return { permitted: false, unsure: `mail exchanger information${reason}` };
    }
    if (found.kind !== 'found') return no;
    const best = Math.min(...found.hosts.map(({ preference }) => preference));
    const primaries = found.hosts.filter(({ preference }) => preference === best);
    const backups = found.hosts
      .filter(({ preference }) => preference > best)
      .sort((a, b) => a.preference - b.preference);
    const permitted =
      !this.isAmong(primaries) && backups.length > 0 && this.isAmong(backups) && this.primariesTrusted(primaries);
    return { permitted, ...(this.unsure === undefined ? {} : { unsure: this.unsure }) };
  }

  /** By name first, then by address. */
  private isAmong(hosts: readonly Host[]): boolean {
    const { config, questions } = this.site;
    if (hosts.some(({ name }) => questions.resolver.isLocal(name, this.trail) === true)) return true;
    return hosts.some(({ name }) => {
      const found = this.addresses(name);
      if (found.kind === 'found') return found.addresses.some((address) => isInterface(config, address, this.trail));
      if (found.kind !== 'open') return false;
      const supposed = this.trail.suppose(`own host ${name}`, ['own', 'other', 'failed'], found.supply);
      if (supposed === 'failed') this.unsure ??= `mail exchanger host ${name}: unknown`;
      return supposed === 'own';
    });
  }

  private primariesTrusted(primaries: readonly Host[]): boolean {
    const { config } = this.site;
    if (config.get('permit_mx_backup_networks') === '') return true;
    const networks = config.matchList('permit_mx_backup_networks');
    return primaries.every(({ name }) => {
      const found = this.addresses(name);
      if (found.kind === 'open') return this.trail.suppose(`network of ${name}`, [true, false], found.supply);
      if (found.kind !== 'found') return false;
      return found.addresses.every((address) => matched(networks.matchClient(name, address), this.trail) === true);
    });
  }

  private addresses(host: string): HostAddresses {
    const found = addressesOf(this.session, host, this.site.config.get('inet_protocols'));
    if (found.kind !== 'found' && found.kind !== 'open')
      this.unsure ??= `mail exchanger host ${host}: ${addressErrors[found.kind]}`;
    return found;
  }

  private open(supply: string): Backup {
    const outcomes: readonly Backup[] = [no, { permitted: true }, { permitted: false, unsure: 'unknown' }];
    return this.trail.suppose(`backup by ${supply}`, outcomes, supply);
  }
}

function compile(site: Site): Check {
  const destination = destinationOf(site.questions);
  const resolution = resolutionOf(site.questions, 'recipient');
  const scope = addressScope(site.scope, 'recipient');
  const routing = site.config.boolean('allow_untrusted_routing');
  const deprecated = atLeast(site.config.version, '3.9');
  const question: Question<Backup> = site.questions.once<Backup>({
    subject: 'recipient',
    text: 'backup mail server of the recipient',
    literal(session, trail) {
      const { recipient } = session;
      if (recipient === undefined) return no;
      return new BackupSearch(site, session, trail).find(recipient.resolved.domain);
    },
    cuts: () => resolverCuts(site.config),
    say: ({ permitted, unsure }) => unsure ?? (permitted ? 'this server is a backup' : 'this server is no backup'),
  });
  return (run) => {
    const { recipient } = run.session;
    if (recipient === undefined) return DUNNO;
    if (deprecated) run.warn(`support for restriction "${site.written}" will be removed from Postfix`);
    const answer = run.ask(destination);
    if (answer === 'failed') return run.lookupFailure(recipient.text);
    if (answer !== 'remote') return OK;
    if (!routing && run.ask(resolution) === 'routed') return DUNNO;
    const { permitted, unsure } = run.ask(question);
    if (unsure !== undefined) {
      run.deferIfReject('policy', 450, '4.4.4', rejected(run, scope, `Unable to look up ${unsure}`));
    }
    return permitted ? OK : DUNNO;
  };
}

/** Permits for the domains that this server keeps mail for while their own servers are away. */
export const mxBackup: readonly Restriction[] = [
  {
    name: 'permit_mx_backup',
    since: '2.9',
    doc: 'Permit a domain for which this server is a backup mail server.',
    consults: ['dns'],
    compile,
  },
];
