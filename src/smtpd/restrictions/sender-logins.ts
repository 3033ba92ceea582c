import { TableFailure } from '../../postfix/config.ts';
import { addressKeys } from '../address/keys.ts';
import { Maps } from '../address/maps.ts';
import type { Question } from '../facts.ts';
import type { Restriction } from '../restriction.ts';
import { type Check, DUNNO, type Run } from '../run.ts';
import type { Site } from '../scope.ts';
import { addressOf } from './addresses.ts';
import { saslLogin } from './sasl.ts';

type Owners = string | undefined | TableFailure;

/** The owners of the sender, as smtpd_sender_login_maps lists them. */
function ownersOf(site: Site): Question<Owners> {
  const maps = new Maps(site.config, 'smtpd_sender_login_maps');
  return site.questions.once<Owners>({
    subject: 'sender and login',
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

function compile(site: Site, mismatch: Mismatch): Check {
  if (!site.config.boolean('smtpd_sasl_auth_enable')) {
    return (run) => {
      run.warn(`restriction \`${site.written}' ignored: no SASL support`);
      return DUNNO;
    };
  }
  const owners = ownersOf(site);
  const login = saslLogin(site.questions);
  const refuse = (run: Run, sender: string, text: string) =>
    run.reject('policy', 553, '5.7.1', `<${sender}>: Sender address rejected: ${text}`);
  return (run) => {
    const sender = addressOf(run.session, 'sender');
    if (sender === undefined) return DUNNO;
    const user = run.ask(login);
    if (user === undefined ? !mismatch.anonymous : !mismatch.loggedIn) return DUNNO;
    if (sender.resolved.failed) return run.lookupFailure(sender.text);
    const answer = run.ask(owners);
    if (answer instanceof TableFailure)
      return answer.kind === 'retry' ? run.lookupFailure(sender.text) : run.configFailure();
    if (user === undefined) return answer === undefined ? DUNNO : refuse(run, sender.text, 'not logged in');
    if (answer === undefined && mismatch.unowned === 'accept') return DUNNO;
    if (answer?.split(/[\s,]+/).some((owner) => owner.toLowerCase() === user.toLowerCase()) === true) return DUNNO;
    return refuse(run, sender.text, `not owned by user ${user}`);
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
