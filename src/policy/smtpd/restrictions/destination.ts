import { TableFailure } from '../../postfix/config.ts';
import { listCuts } from '../../postfix/cut.ts';
import { tokens } from '../../postfix/tokens.ts';
import { resolverCuts } from '../address/cuts.ts';
import { matched } from '../address/matched.ts';
import type { Restriction } from '../lists/restriction.ts';
import { DUNNO, OK, type Run, type Status } from '../lists/run.ts';
import type { Question } from '../questions/facts.ts';
import { type Questions, yesOrNo } from '../questions/questions.ts';
import { beforeRemoval } from './deprecated.ts';

/** What a recipient's domain is to this server; `failed`: a table could not be asked. */
export type Destination = 'final' | 'relay' | 'remote' | 'failed';

/** Whether mail to such a recipient is the server's own affair, and no relaying. */
export function isOwn(destination: Destination): boolean {
  return destination === 'final' || destination === 'relay';
}

/** Whether this server delivers to the recipient, relays to it for everyone, or neither. */
export function destinationOf(questions: Questions): Question<Destination> {
  const routing = questions.config.boolean('allow_untrusted_routing');
  return questions.once<Destination>({
    subject: 'recipient',
    text: 'destination',
    literal(session) {
      const resolved = session.recipient?.resolved;
      if (resolved === undefined) return 'remote';
      if (resolved.failed) return 'failed';
      if (resolved.routed && !routing) return 'remote';
      if (resolved.addressClass === 'default') return 'remote';
      return resolved.addressClass === 'relay' ? 'relay' : 'final';
    },
    cuts: () => resolverCuts(questions.config),
    say(answer, session) {
      const resolved = session.recipient?.resolved;
      const where = `"${resolved?.domain ?? ''}"`;
      if (answer === 'final') return `this server is the destination of ${where} (${resolved?.addressClass ?? ''})`;
      if (answer === 'relay') return `${where} is in relay_domains`;
      if (answer === 'failed') return `${where} could not be looked up`;
      return resolved?.routed === true
        ? 'the address is routed through this server'
        : `${where} is neither delivered nor relayed here`;
    },
  });
}

/** Status of a check on the destination; the recipient has to be known. */
function onDestination(
  run: Run,
  question: Question<Destination>,
  authorised: Status,
  other: (run: Run) => Status,
): Status {
  const { recipient } = run.session;
  if (recipient === undefined) return DUNNO;
  const answer = run.ask(question);
  if (answer === 'failed') return run.lookupFailure(recipient.text);
  return answer === 'remote' ? other(run) : authorised;
}

function refusing(name: string, since: string, doc: string, less: number, dsn: string): Restriction {
  return {
    name,
    since,
    doc,
    compile(site) {
      const question = destinationOf(site.questions);
      const code = site.config.integer('relay_domains_reject_code') - less;
      const refuse = (run: Run): Status =>
        run.reject('policy', code, dsn, 'Relay access denied', run.session.recipient?.text ?? '');
      return (run) => onDestination(run, question, DUNNO, refuse);
    },
  };
}

/** Restrictions on where mail goes. */
export const destination: readonly Restriction[] = [
  {
    name: 'permit_auth_destination',
    since: '2.9',
    doc: 'Permit a recipient that this server delivers or relays for.',
    compile(site) {
      const question = destinationOf(site.questions);
      return (run) => onDestination(run, question, OK, () => DUNNO);
    },
  },
  refusing(
    'reject_unauth_destination',
    '2.9',
    'Refuse a recipient that this server neither delivers nor relays for.',
    0,
    '5.7.1',
  ),
  refusing(
    'defer_unauth_destination',
    '2.10',
    'The same with a temporary refusal: the client tries again.',
    100,
    '4.7.1',
  ),
  {
    name: 'check_relay_domains',
    since: '2.9',
    until: '3.9',
    doc: 'Permit clients in relay_domains and authorised destinations, refuse all others. Removed in 3.9.',
    compile(site) {
      const question = destinationOf(site.questions);
      const code = site.config.integer('relay_domains_reject_code');
      const domains = site.config.matchList('relay_domains');
      const broken = () => {
        const words = tokens(site.config.get('relay_domains'), site.config.version).map((word) =>
          word.replace(/^!/, ''),
        );
        return words.find((word) => word.includes(':') && site.config.table(word).find('x') instanceof TableFailure);
      };
      const client = site.questions.once({
        subject: 'client name',
        text: 'client in relay_domains',
        literal: ({ peer }, trail) => matched(domains.matchDomain(peer.name), trail),
        cuts: () => listCuts([domains]),
        say: (answer) => (answer === undefined ? 'relay_domains cannot be read' : yesOrNo(answer)),
      });
      const check = beforeRemoval(site, (run) => {
        const listed = run.ask(client);
        // Of this one question the server expects an answer.
        if (listed === undefined) return run.die(`relay_domains: ${broken()}: table lookup problem`);
        if (listed) return OK;
        return onDestination(run, question, OK, () =>
          run.reject(
            'policy',
            code,
            '5.7.1',
            `<${run.session.recipient?.text ?? ''}>: Recipient address rejected: Relay access denied`,
          ),
        );
      });
      // Without a recipient there is nothing to check, not even whether the release still can.
      return (run) => (run.session.recipient === undefined ? DUNNO : check(run));
    },
  },
];
