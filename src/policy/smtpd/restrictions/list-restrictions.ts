import { tokens } from '../../postfix/tokens.ts';
import type { Session } from '../dialogue/session.ts';
import type { Restriction } from '../lists/restriction.ts';
import { type Check, DUNNO, OK } from '../lists/run.ts';
import { named, type Scope, type Site } from '../lists/scope.ts';
import { scopes } from '../lists/scopes.ts';
import type { Subject } from '../questions/subjects.ts';
import { beforeRemoval } from './deprecated.ts';
import { destinationOf } from './destination.ts';
import { addressInList, type Listed, listQuestion, nameInList } from './dns-lists.ts';
import { refuseListed } from './list-replies.ts';

interface Party {
  readonly subject: Subject;
  readonly scope: (scope: Scope) => Scope;
  readonly find: (session: Session) => Listed | undefined;
}

const client = (scope: Scope): Scope => named(scope, 'Client host', scopes.client.name);
const parties = {
  'client address': { subject: 'client address', scope: client, find: addressInList },
  'client name': { subject: 'client name', scope: client, find: ({ peer }) => nameInList(peer.name) },
  'reverse client name': {
    subject: 'client name',
    scope: (scope) => named(scope, 'Unverified Client host', (session) => session.peer.reverseName),
    find: ({ peer }) => nameInList(peer.reverseName),
  },
  'helo name': {
    subject: 'helo',
    scope: (scope) => named(scope, 'Helo command', scopes.helo.name),
    find: ({ helo }) => nameInList(helo ?? ''),
  },
  sender: {
    subject: 'sender',
    scope: (scope) => named(scope, 'Sender address', scopes.sender.name),
    find: ({ sender }) => nameInList(sender?.text ?? ''),
  },
  recipient: {
    subject: 'recipient',
    scope: (scope) => named(scope, 'Recipient address', scopes.recipient.name),
    find: ({ recipient }) => nameInList(recipient?.text ?? ''),
  },
} as const satisfies Readonly<Record<string, Party>>;

type PartyName = keyof typeof parties;

function withoutArgument(site: Site): Check {
  return (run) => {
    run.warn(`restriction ${site.written} requires domain name argument`);
    return DUNNO;
  };
}

function rejecting(name: string, party: PartyName, aliases?: readonly string[]): Restriction {
  return {
    name,
    ...(aliases === undefined ? {} : { aliases }),
    since: '2.9',
    takes: 'domain',
    doc: `Refuse a session whose ${party} a DNS list names.`,
    consults: ['dnsbl'],
    compile(site) {
      if (site.argument === undefined) return withoutArgument(site);
      const { subject, scope, find }: Party = parties[party];
      const question = listQuestion(site, subject, party, find);
      const refuse = refuseListed(site, scope(site.scope), site.argument);
      return (run) => {
        const answer = run.ask(question);
        if (typeof answer !== 'string' && 'problem' in answer) return run.die(answer.problem);
        const listed = find(run.session);
        return typeof answer === 'string' || listed === undefined ? DUNNO : refuse(run, listed, answer.reason);
      };
    },
  };
}

function permitting(name: string, party: PartyName): Restriction {
  return {
    name,
    since: '2.9',
    takes: 'domain',
    doc: `Permit a session whose ${party} a DNS list names, where that opens no relay.`,
    consults: ['dnsbl'],
    compile(site) {
      if (site.argument === undefined) return withoutArgument(site);
      const { subject, scope, find }: Party = parties[party];
      const question = listQuestion(site, subject, party, find);
      const destination = destinationOf(site.questions);
      // A refusal names the client as other refusals do; this deferral says what was looked for.
      const { className } = scope(site.scope);
      const sought = ({ peer }: Session) => (party === 'client address' ? peer.address : peer.name);
      return (run) => {
        const { recipient, phase } = run.session;
        if (phase === 'rcpt' && recipient !== undefined) {
          const answer = run.ask(destination);
          if (answer === 'failed') return run.lookupFailure(recipient.text);
          if (answer === 'remote') return DUNNO;
        }
        const answer = run.ask(question);
        if (answer === 'not listed') return DUNNO;
        if (answer !== 'temporary') return 'problem' in answer ? run.die(answer.problem) : OK;
        const text = `<${sought(run.session)}>: ${className} rejected: Service unavailable`;
        return run.deferIfReject('policy', 450, '4.7.1', text);
      };
    },
  };
}

/** The lists of maps_rbl_domains one after the other, as a restriction without an argument once asked them. */
function compileMapsRbl(site: Site): Check {
  const { subject, scope, find }: Party = parties['client address'];
  const lists = tokens(site.config.get('maps_rbl_domains'), site.config.version).map((argument) => ({
    question: listQuestion(site, subject, 'client address', find, argument),
    refuse: refuseListed(site, scope(site.scope), argument),
  }));
  return beforeRemoval(site, (run) => {
    run.warn(`support for restriction "${site.written}" has been deprecated`);
    for (const { question, refuse } of lists) {
      const answer = run.ask(question);
      if (typeof answer !== 'string' && 'problem' in answer) return run.die(answer.problem);
      const listed = find(run.session);
      if (typeof answer === 'string' || listed === undefined) continue;
      const status = refuse(run, listed, answer.reason);
      if (status !== DUNNO) return status;
    }
    return DUNNO;
  });
}

/** Restrictions that ask DNS lists (RFC 5782). */
export const listRestrictions: readonly Restriction[] = [
  rejecting('reject_rbl_client', 'client address', ['reject_rbl']),
  {
    name: 'reject_maps_rbl',
    since: '2.9',
    until: '3.9',
    doc: 'Refuse a client address that the lists of maps_rbl_domains name. Removed in 3.9.',
    consults: ['dnsbl'],
    compile: compileMapsRbl,
  },
  rejecting('reject_rhsbl_client', 'client name'),
  rejecting('reject_rhsbl_reverse_client', 'reverse client name'),
  rejecting('reject_rhsbl_helo', 'helo name'),
  rejecting('reject_rhsbl_sender', 'sender'),
  rejecting('reject_rhsbl_recipient', 'recipient'),
  permitting('permit_dnswl_client', 'client address'),
  permitting('permit_rhswl_client', 'client name'),
];
