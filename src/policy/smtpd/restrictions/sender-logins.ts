import { TableFailure } from '../../postfix/config.ts';
import { addressMapCuts } from '../address/cuts.ts';
import { addressKeys } from '../address/keys.ts';
import { Maps } from '../address/maps.ts';
import type { Restriction } from '../lists/restriction.ts';
import { type Check, DUNNO, type Run } from '../lists/run.ts';
import type { Site } from '../lists/scope.ts';
import type { Question } from '../questions/facts.ts';
import { yesOrNo } from '../questions/questions.ts';
import { addressOf } from './addresses.ts';
import { isNullSender, resolutionOf } from './resolution.ts';
import { loggedIn } from './sasl.ts';

type Owners = string | undefined | TableFailure;

/** The owners of the sender, as smtpd_sender_login_maps lists them. */
function ownersOf(site: Site): Question<Owners> {
  const maps = new Maps(site.config, 'smtpd_sender_login_maps');
  return site.questions.once<Owners>({
    subject: 'sender',
    text: 'smtpd_sender_login_maps[sender]',
    literal(session, trail) {
      const sender = addressOf(session, 'sender');
      if (sender === undefined || maps.empty) return undefined;
      const { resolver } = site.questions;
      return maps.findAny(
        addressKeys(sender.resolved.address, resolver.keySettings(sender.resolved.domain, trail)),
        trail,
      );
    },
    cuts: () => addressMapCuts(site.config, 'smtpd_sender_login_maps'),
    say: (answer) =>
      answer === undefined
        ? 'nobody owns the sender'
        : answer instanceof TableFailure
          ? 'cannot be read'
          : `owned by ${answer}`,
  });
}

/** What is judged: an owned sender without a login, a login that does not own, and what an unowned sender means. */
interface Mismatch {
  readonly loggedIn: boolean;
  readonly anonymous: boolean;
  readonly unowned: 'refuse' | 'accept';
}

/** Whether the login is one of the owners, as a question of its own for each list of owners. */
function ownership({ questions }: Site): (owners: string) => Question<boolean> {
  const known = new Map<string, Question<boolean>>();
  return (owners) => {
    const before = known.get(owners);
    if (before !== undefined) return before;
    const names = owners.split(/[\s,]+/).map((owner) => owner.toLowerCase());
    const question = questions.once({
      subject: 'login',
      text: `SASL login among "${owners}"`,
      literal: ({ conversation: { sasl } }) => sasl !== undefined && names.includes(sasl.user.toLowerCase()),
      cuts: () => [{ keys: names }],
      say: yesOrNo,
    });
    known.set(owners, question);
    return question;
  };
}

function compile(site: Site, mismatch: Mismatch): Check {
  if (!site.config.boolean('smtpd_sasl_auth_enable')) {
    return (run) => {
      run.warn(`restriction \`${site.written}' ignored: no SASL support`);
      return DUNNO;
    };
  }
  const owners = ownersOf(site);
  const tables = site.config.tables('smtpd_sender_login_maps');
  const login = loggedIn(site.questions);
  const resolution = resolutionOf(site.questions, 'sender');
  const nullSender = isNullSender(site.questions);
  const isOwner = ownership(site);
  const refuse = (run: Run, sender: string, text: string) =>
    run.reject('policy', 553, '5.7.1', `<${sender}>: Sender address rejected: ${text}`);
  return (run) => {
    if (run.session.sender === undefined || run.ask(nullSender)) return DUNNO;
    const anonymous = run.ask(login) === 'no';
    if (anonymous ? !mismatch.anonymous : !mismatch.loggedIn) return DUNNO;
    const { sender, conversation } = run.session;
    if (run.ask(resolution) === 'failed') return run.lookupFailure(sender.text);
    if (run.supposesFailure(tables)) return run.lookupFailure(sender.text);
    const answer = run.ask(owners);
    if (answer instanceof TableFailure)
      return answer.kind === 'retry' ? run.lookupFailure(sender.text) : run.configFailure();
    if (anonymous) return answer === undefined ? DUNNO : refuse(run, sender.text, 'not logged in');
    if (answer === undefined && mismatch.unowned === 'accept') return DUNNO;
    if (answer !== undefined && run.ask(isOwner(answer))) return DUNNO;
    return refuse(run, sender.text, `not owned by user ${conversation.sasl?.user ?? ''}`);
  };
}

/** Restrictions on who may use a sender address. */
export const senderLogins: readonly Restriction[] = [
  {
    name: 'reject_authenticated_sender_login_mismatch',
    since: '2.9',
    doc: 'Refuse a logged-in client whose login does not own the sender.',
    compile: (site) => compile(site, { loggedIn: true, anonymous: false, unowned: 'refuse' }),
  },
  {
    name: 'reject_known_sender_login_mismatch',
    since: '2.11',
    doc: 'Refuse a client that does not own the sender, where anyone does.',
    compile: (site) => compile(site, { loggedIn: true, anonymous: true, unowned: 'accept' }),
  },
  {
    name: 'reject_unauthenticated_sender_login_mismatch',
    since: '2.9',
    doc: 'Refuse an owned sender from a client that has not logged in.',
    compile: (site) => compile(site, { loggedIn: false, anonymous: true, unowned: 'accept' }),
  },
];
