import { atLeast } from '../../postfix/version.ts';
import type { Mailbox, Session } from '../dialogue/session.ts';
import { rejected } from '../lists/actions.ts';
import type { Restriction } from '../lists/restriction.ts';
import { DUNNO } from '../lists/run.ts';
import { named, type Scope } from '../lists/scope.ts';
import { validHostName, withoutTrailingDot } from '../questions/host-name.ts';
import { yesOrNo } from '../questions/questions.ts';
import { isNullSender } from './resolution.ts';

type Party = 'sender' | 'recipient';

/** The reply name and class of a sender or recipient, whatever list asks. */
export function addressScope(scope: Scope, party: Party): Scope {
  const className = party === 'sender' ? 'Sender address' : 'Recipient address';
  return named(scope, className, (session) => session[party]?.text ?? '');
}

/** The address of a party, unless it is unknown or the null sender. */
export function addressOf(session: Session, party: Party): Mailbox | undefined {
  const mailbox = session[party];
  return mailbox === undefined || mailbox.text === '' ? undefined : mailbox;
}

function fullyQualified(address: string): boolean {
  const at = address.lastIndexOf('@');
  if (at < 0) return false;
  const domain = address.slice(at + 1);
  if (domain.startsWith('[')) return true;
  const name = withoutTrailingDot(domain);
  return name.includes('.') && validHostName(name);
}

function nonFqdn(party: Party): Restriction {
  return {
    name: `reject_non_fqdn_${party}`,
    since: '2.9',
    doc: `Refuse a ${party} whose domain is missing, invalid or without a dot.`,
    compile(site) {
      const code = site.config.integer('non_fqdn_reject_code');
      const scope = addressScope(site.scope, party);
      const question = site.questions.once({
        subject: party,
        text: `${party} fully qualified`,
        literal: (session) => fullyQualified(addressOf(session, party)?.text ?? '@a.b'),
        say: yesOrNo,
      });
      return (run) =>
        run.ask(question)
          ? DUNNO
          : run.reject('policy', code, '4.5.2', rejected(run, scope, 'need fully-qualified address'));
    },
  };
}

/** Restrictions on the syntax of addresses and on bounces. */
export const addresses: readonly Restriction[] = [
  nonFqdn('sender'),
  nonFqdn('recipient'),
  {
    name: 'reject_multi_recipient_bounce',
    since: '2.9',
    doc: 'Refuse a bounce to several recipients.',
    compile(site) {
      const code = site.config.integer('multi_recipient_bounce_reject_code');
      // Older releases count before the recipient in question at end of data, too.
      const modern = atLeast(site.config.version, '3.1');
      const nullSender = isNullSender(site.questions);
      return (run) => {
        const { recipientCount, phase } = run.session;
        if (!run.ask(nullSender)) return DUNNO;
        const late = modern ? phase === 'data' || phase === 'end-of-data' : phase === 'data';
        if (recipientCount <= (late ? 1 : 0)) return DUNNO;
        return run.reject('policy', code, '5.5.3', rejected(run, site.scope, 'Multi-recipient bounce'));
      };
    },
  },
];
