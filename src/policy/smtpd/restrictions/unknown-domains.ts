import { atLeast } from '../../postfix/version.ts';
import { resolverCuts } from '../address/cuts.ts';
import type { Mailbox } from '../dialogue/session.ts';
import { rejected } from '../lists/actions.ts';
import type { Restriction } from '../lists/restriction.ts';
import { type Check, DUNNO } from '../lists/run.ts';
import { named, type Scope, type Site } from '../lists/scope.ts';
import { onTemporaryError } from '../lists/tempfail-action.ts';
import { type MailDomain, mailDomain } from '../questions/dns.ts';
import type { Question } from '../questions/facts.ts';
import { addressOf, addressScope } from './addresses.ts';
import { heloForm } from './helo-names.ts';

/** The domain of an address that mail would leave this server for. */
function remoteDomain(mailbox: Mailbox | undefined): string | undefined {
  if (mailbox === undefined) return undefined;
  const { addressClass, domain } = mailbox.resolved;
  const leaves = addressClass === 'default' || addressClass === 'relay';
  return leaves && domain !== '' && !domain.startsWith('[') ? domain : undefined;
}

function compileAddress(site: Site, party: 'sender' | 'recipient'): Check {
  const { config } = site;
  const code = config.integer('unknown_address_reject_code');
  const scope: Scope = addressScope(site.scope, party);
  const detail = party === 'sender' ? '1.8' : '1.2';
  const nullMx = party === 'sender' ? ({ code: 550, dsn: '5.7.27' } as const) : ({ code: 556, dsn: '5.1.10' } as const);
  const knowsNullMx = atLeast(config.version, '3.0');
  const temporary = onTemporaryError(site, 'unknown_address_tempfail_action');
  const question = site.questions.once<MailDomain | 'failed'>({
    subject: party,
    text: `domain of the ${party} in DNS`,
    literal(session, trail) {
      const mailbox = addressOf(session, party);
      if (mailbox?.resolved.failed === true) return 'failed';
      const domain = remoteDomain(mailbox);
      return domain === undefined ? 'found' : mailDomain(session, domain, trail, true);
    },
    cuts: () => resolverCuts(config),
    say: (answer) => answer,
  });
  return (run) => {
    const answer = run.ask(question);
    if (answer === 'failed') return run.lookupFailure(run.session[party]?.text ?? '');
    if (answer === 'absent') return run.reject('policy', code, `4.${detail}`, rejected(run, scope, 'Domain not found'));
    if (answer === 'temporary') return temporary(run, 450, `4.${detail}`, rejected(run, scope, 'Domain not found'));
    if (answer === 'found' || !knowsNullMx) return DUNNO;
    const text = rejected(
      run,
      scope,
      `Domain ${run.session[party]?.resolved.domain ?? ''} does not accept mail (nullMX)`,
    );
    return run.reject('policy', nullMx.code, nullMx.dsn, text);
  };
}

function compileHelo(site: Site): Check {
  const code = site.config.integer('unknown_hostname_reject_code');
  const invalid = site.config.integer('invalid_hostname_reject_code');
  const scope = named(site.scope, 'Helo command', (session) => session.helo ?? '');
  const temporary = onTemporaryError(site, 'unknown_helo_hostname_tempfail_action');
  const form = heloForm(site);
  // Up to 2.11 an MX of no host is a host like any other.
  const nullMxDecides = !atLeast(site.config.version, '3.0');
  const question: Question<MailDomain> = site.questions.once<MailDomain>({
    subject: 'helo',
    text: 'helo name in DNS',
    literal: (session, trail) => mailDomain(session, session.helo ?? '', trail, nullMxDecides),
    say: (answer) => answer,
  });
  return (run) => {
    const shape = run.ask(form);
    if (shape === 'absent' || shape === 'address literal') return DUNNO;
    if (shape === 'bad address')
      return run.reject('policy', invalid, '5.5.2', rejected(run, scope, 'invalid ip address'));
    const answer = run.ask(question);
    if (answer === 'absent') return run.reject('policy', code, '4.7.1', rejected(run, scope, 'Host not found'));
    return answer === 'temporary' ? temporary(run, 450, '4.7.1', rejected(run, scope, 'Host not found')) : DUNNO;
  };
}

/** Refusals of names that DNS does not know. */
export const unknownDomains: readonly Restriction[] = [
  {
    name: 'reject_unknown_helo_hostname',
    aliases: ['reject_unknown_hostname'],
    since: '2.9',
    doc: 'Refuse a helo name without an address or mail server.',
    consults: ['dns'],
    compile: compileHelo,
  },
  {
    name: 'reject_unknown_sender_domain',
    aliases: ['reject_unknown_address'],
    since: '2.9',
    doc: 'Refuse a sender whose domain has neither an address nor a mail server.',
    consults: ['dns'],
    compile: (site) => compileAddress(site, 'sender'),
  },
  {
    name: 'reject_unknown_recipient_domain',
    since: '2.9',
    doc: 'Refuse a recipient whose domain has neither an address nor a mail server.',
    consults: ['dns'],
    compile: (site) => compileAddress(site, 'recipient'),
  },
];
