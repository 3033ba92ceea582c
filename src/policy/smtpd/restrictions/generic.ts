import { patchedSince } from '../../postfix/version.ts';
import { rejected } from '../lists/actions.ts';
import type { Restriction } from '../lists/restriction.ts';
import { type Check, DUNNO, OK } from '../lists/run.ts';
import type { Site } from '../lists/scope.ts';

/** Words that follow an end of the list are never reached; the server says so when it gets there. */
function warnOfRest(site: Site, check: Check): Check {
  const { followedBy, written } = site;
  if (followedBy === undefined) return check;
  return (run) => {
    if (run.warnIfReject === 0) run.warn(`restriction \`${followedBy}' after \`${written}' is ignored`);
    return check(run);
  };
}

/** Restrictions that hold in any list. */
export const generic: readonly Restriction[] = [
  {
    name: 'permit',
    since: '2.9',
    doc: 'Permit the command; later lists still run.',
    compile: (site) => warnOfRest(site, () => OK),
  },
  {
    name: 'reject',
    since: '2.9',
    doc: 'Refuse with reject_code.',
    compile(site) {
      const code = site.config.integer('reject_code');
      return warnOfRest(site, (run) => run.reject('policy', code, '5.7.1', rejected(run, site.scope, 'Access denied')));
    },
  },
  {
    name: 'defer',
    since: '2.9',
    doc: 'Refuse for now with defer_code.',
    compile(site) {
      const code = site.config.integer('defer_code');
      return warnOfRest(site, (run) =>
        run.reject('policy', code, '4.3.2', rejected(run, site.scope, 'Try again later')),
      );
    },
  },
  {
    name: 'defer_if_permit',
    since: '2.9',
    doc: 'Defer the command if it would be permitted in the end.',
    compile: (site) => (run) =>
      run.deferIfPermit('policy', 450, '4.7.0', rejected(run, site.scope, 'defer_if_permit requested')),
  },
  {
    name: 'defer_if_reject',
    since: '2.9',
    doc: 'Defer the command if it would be refused for good in the end.',
    compile: (site) => (run) =>
      run.deferIfReject('policy', 450, '4.7.0', rejected(run, site.scope, 'defer_if_reject requested')),
  },
  {
    name: 'warn_if_reject',
    since: '2.9',
    doc: 'Log what the next restriction would refuse, and go on.',
    // The driver of a list acts on the word itself: it changes how the next element is run.
    compile: () => () => DUNNO,
  },
  {
    name: 'reject_unauth_pipelining',
    since: '2.9',
    doc: 'Refuse a client that sends commands ahead of time where it may not.',
    // What a client sends ahead is noticed at its first command at the latest, and remembered; before the greeting only
    // by releases that can be told to hang up then (smtpd_forbid_unauth_pipelining).
    compile(site) {
      const looksFirst = patchedSince(site.config.version, ['3.5.20', '3.6.10', '3.7.6', '3.8.1']);
      return (run) =>
        run.session.conversation.early === true && (looksFirst || run.session.phase !== 'connect')
          ? run.reject('protocol', 503, '5.5.0', rejected(run, site.scope, 'Improper use of SMTP command pipelining'))
          : DUNNO;
    },
  },
  {
    name: 'reject_plaintext_session',
    since: '2.9',
    doc: 'Refuse a session without TLS, with plaintext_reject_code.',
    compile(site) {
      const code = site.config.integer('plaintext_reject_code');
      const tls = site.questions.once({
        subject: 'certificate',
        text: 'TLS session',
        literal: (session) => session.tls !== undefined,
        say: (answer) => (answer ? 'yes' : 'no'),
      });
      return (run) => (run.ask(tls) ? DUNNO : run.reject('policy', code, '4.7.1', 'Session encryption is required'));
    },
  },
  {
    name: 'sleep',
    since: '2.9',
    takes: 'seconds',
    doc: 'Wait so many seconds.',
    compile: (site) => (run) => (/^\d+$/.test(site.argument ?? '') ? DUNNO : run.configFailure()),
  },
];
