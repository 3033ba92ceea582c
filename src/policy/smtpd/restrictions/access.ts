import { tableCuts } from '../../postfix/cut.ts';
import { patchedSince, type Version } from '../../postfix/version.ts';
import { resolverCuts } from '../address/cuts.ts';
import type { Session } from '../dialogue/session.ts';
import { type AccessAnswer, AccessLookup } from '../lists/access-lookup.ts';
import type { Restriction } from '../lists/restriction.ts';
import { type Check, DUNNO, OK, type Run } from '../lists/run.ts';
import { named, type Scope, type Site } from '../lists/scope.ts';
import type { Question } from '../questions/facts.ts';
import type { Subject } from '../questions/subjects.ts';
import type { Trail } from '../questions/trail.ts';
import { applyAccess, neverPermits } from './apply-access.ts';
import { resolutionOf } from './resolution.ts';

/** One party that an access table can be asked about. */
interface Party {
  readonly name: string;
  readonly subject: Subject;
  readonly doc: string;
  /** False: there is nothing to look up, and the restriction says nothing. */
  known(session: Session): boolean;
  find(access: AccessLookup, session: Session, trail: Trail, site: Site): AccessAnswer;
  /** The lookups one by one, where more than one subject is looked up. */
  parts?(site: Site, access: AccessLookup): readonly Question<AccessAnswer>[] | undefined;
  scope(scope: Scope, version: Version): Scope;
  /** Set: an OK is a mistake; names what the key was. */
  readonly forbidsOk?: (run: Run) => string;
  /** A routed recipient is too suspicious for an OK. */
  readonly suspects?: true;
}

const parties: readonly Party[] = [
  {
    name: 'check_client_access',
    subject: 'client name',
    doc: "Look up the client's name, its parent domains, its address and its networks.",
    known: () => true,
    find: (access, { peer }, trail) => access.client(peer.name, peer.address, 'client', trail),
    parts: (site, access) => nameThenAddress(site, access, 'client name', ({ peer }) => peer.name),
    scope: (scope) => named(scope, 'Client host', (session) => session.peer.namaddr),
  },
  {
    name: 'check_reverse_client_hostname_access',
    subject: 'client name',
    doc: "Look up the client's unverified name and its parent domains, its address and its networks.",
    known: () => true,
    find: (access, { peer }, trail) => access.client(peer.reverseName, peer.address, 'reverse client name', trail),
    parts: (site, access) => nameThenAddress(site, access, 'reverse client name', ({ peer }) => peer.reverseName),
    scope(scope, version) {
      const byName = patchedSince(version, ['2.9.10', '2.10.4', '2.11.2']);
      return named(scope, 'Unverified Client host', ({ peer }) => (byName ? peer.reverseName : peer.namaddr));
    },
    forbidsOk: (run) => run.session.peer.reverseName,
  },
  {
    name: 'check_helo_access',
    subject: 'helo',
    doc: 'Look up the helo name and its parent domains.',
    known: (session) => session.helo !== undefined,
    find: (access, session, trail) => access.domain(session.helo ?? '', 'helo name', trail),
    scope: (scope) => named(scope, 'Helo command', (session) => session.helo ?? ''),
  },
  {
    name: 'check_sender_access',
    subject: 'sender',
    doc: 'Look up the sender, its domain with parents and its local part; `<>` for the null sender.',
    known: (session) => session.sender !== undefined,
    find(access, { sender }, trail, site) {
      if (sender === undefined) return undefined;
      if (sender.text === '') return access.exact(site.config.get('smtpd_null_access_lookup_key'), 'sender', trail);
      return access.mailbox(sender, 'sender', trail);
    },
    scope: (scope) => named(scope, 'Sender address', (session) => session.sender?.text ?? ''),
  },
  {
    name: 'check_recipient_access',
    subject: 'recipient',
    doc: 'Look up the recipient, its domain with parents and its local part.',
    known: (session) => session.recipient !== undefined,
    find: (access, { recipient }, trail) =>
      recipient === undefined ? undefined : access.mailbox(recipient, 'recipient', trail),
    scope: (scope) => named(scope, 'Recipient address', (session) => session.recipient?.text ?? ''),
    suspects: true,
  },
  {
    name: 'check_etrn_access',
    subject: 'etrn',
    doc: 'Look up the argument of ETRN and its parent domains.',
    known: (session) => session.etrn !== undefined,
    find: (access, session, trail) => access.domain(session.etrn ?? '', 'ETRN argument', trail),
    scope: (scope) => named(scope, 'Etrn command', (session) => session.etrn ?? ''),
  },
];

function sayAccess(answer: AccessAnswer): string {
  return answer === undefined ? 'not found' : typeof answer === 'string' ? answer : 'cannot be read';
}

/** The two halves of a lookup by name and address; undefined for a table that is one open question. */
function nameThenAddress(site: Site, access: AccessLookup, what: string, name: (session: Session) => string) {
  const { table } = access;
  if (table.opaque !== undefined) return undefined;
  const shared = { cuts: () => tableCuts([table]), outcomes: () => access.outcomes(), say: sayAccess };
  return [
    site.questions.once<AccessAnswer>({
      subject: 'client name',
      text: `${table.spec}[${what}, by itself]`,
      literal: (session, trail) => access.domain(name(session), what, trail),
      ...shared,
    }),
    site.questions.once<AccessAnswer>({
      subject: 'client address',
      text: `${table.spec}[client address]`,
      literal: ({ peer }, trail) => access.address(peer.address, 'client address', trail),
      ...shared,
    }),
  ];
}

function compile(site: Site, party: Party): Check {
  const access = new AccessLookup(site.config.table(site.argument ?? ''), site.questions);
  const parts = party.parts?.(site, access);
  const question: Question<AccessAnswer> = site.questions.once<AccessAnswer>({
    subject: party.subject,
    text: `${access.table.spec}[${party.name.replace(/^check_|_access$/g, '').replaceAll('_', ' ')}]`,
    literal: (session, trail) => party.find(access, session, trail, site),
    cuts: () => [...tableCuts([access.table]), ...(mailboxes === undefined ? [] : resolverCuts(site.config))],
    outcomes: () => access.outcomes(),
    ...(parts === undefined ? {} : { parts }),
    say: sayAccess,
  });
  const applied = applyAccess(site, question, party.scope(site.scope, site.config.version), access.table.spec);
  const { forbidsOk } = party;
  const mailboxes = party.subject === 'sender' || party.subject === 'recipient' ? party.subject : undefined;
  const resolution = mailboxes === undefined ? undefined : resolutionOf(site.questions, mailboxes);
  const suspects = party.suspects === true && !site.config.boolean('allow_untrusted_routing');
  const safe = forbidsOk === undefined ? applied : neverPermits(site, applied, forbidsOk);
  return (run) => {
    const { session } = run;
    if (!party.known(session)) return DUNNO;
    if (resolution !== undefined && run.ask(resolution) === 'failed') {
      const mailbox = party.subject === 'sender' ? session.sender : session.recipient;
      return run.lookupFailure(mailbox?.text ?? '');
    }
    const status = safe(run);
    // An OK for mail that would be routed on by someone else's server is no permission.
    const suspect = suspects && status === OK && !run.discard && resolution !== undefined;
    return suspect && run.ask(resolution) === 'routed' ? DUNNO : status;
  };
}

/** Restrictions that ask an access(5) table about one party of the session. */
export const access: readonly Restriction[] = parties.map((party) => ({
  name: party.name,
  since: '2.9',
  takes: 'table',
  doc: party.doc,
  compile: (site) => compile(site, party),
}));
