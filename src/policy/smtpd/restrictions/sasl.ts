import { tableCuts } from '../../postfix/cut.ts';
import { type AccessAnswer, AccessLookup } from '../lists/access-lookup.ts';
import type { Restriction } from '../lists/restriction.ts';
import { DUNNO, OK } from '../lists/run.ts';
import { named } from '../lists/scope.ts';
import type { Question } from '../questions/facts.ts';
import type { Questions } from '../questions/questions.ts';
import { applyAccess } from './apply-access.ts';

export type LoggedIn = 'no' | 'anonymous' | 'yes';

/** Whether the client has logged in, and as somebody; never where the server has no SASL. */
export function loggedIn(questions: Questions): Question<LoggedIn> {
  const enabled = questions.config.boolean('smtpd_sasl_auth_enable');
  return questions.once<LoggedIn>({
    subject: 'login',
    text: 'SASL login',
    literal({ login }) {
      if (!enabled || login === undefined) return 'no';
      return login.method.toUpperCase() === 'ANONYMOUS' ? 'anonymous' : 'yes';
    },
    say: (answer, { login }) => (answer === 'no' ? 'no SASL login' : `SASL login "${login?.user ?? ''}"`),
  });
}

/** Restrictions about SASL logins. */
export const sasl: readonly Restriction[] = [
  {
    name: 'permit_sasl_authenticated',
    since: '2.9',
    doc: 'Permit a client that has logged in.',
    compile(site) {
      const login = loggedIn(site.questions);
      return (run) => (run.ask(login) === 'yes' ? OK : DUNNO);
    },
  },
  {
    name: 'check_sasl_access',
    since: '2.11',
    takes: 'table',
    doc: 'Look the SASL login name up in an access(5) table.',
    compile(site) {
      if (!site.config.boolean('smtpd_sasl_auth_enable')) {
        return (run) => {
          run.warn(`restriction \`${site.written}' ignored: no SASL support`);
          return DUNNO;
        };
      }
      const lookup = new AccessLookup(site.config.table(site.argument ?? ''), site.questions);
      const scope = named(site.scope, 'SASL login name', (session) =>
        // biome-ignore lint/suspicious/noControlCharactersInRegex: what cannot be printed is shown as an underscore
        (session.login?.user ?? '').replace(/[\x00-\x1f\x7f-\uffff]/g, '_'),
      );
      const question = site.questions.once<AccessAnswer>({
        subject: 'login',
        text: `${lookup.table.spec}[SASL login]`,
        literal: (session, trail) => lookup.exact(session.login?.user ?? '', 'SASL login', trail),
        cuts: () => tableCuts([lookup.table]),
        outcomes: () => lookup.outcomes(),
        say: (answer) => (answer === undefined ? 'not found' : String(answer)),
      });
      const check = applyAccess(site, question, scope, lookup.table.spec);
      const login = loggedIn(site.questions);
      return (run) => (run.ask(login) === 'no' ? DUNNO : check(run));
    },
  },
];
