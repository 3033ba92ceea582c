import { type AccessAnswer, AccessLookup } from '../access-lookup.ts';
import type { Question } from '../facts.ts';
import type { Questions } from '../questions.ts';
import type { Restriction } from '../restriction.ts';
import { DUNNO, OK } from '../run.ts';
import { named } from '../scope.ts';
import { applyAccess } from './apply-access.ts';

/** The SASL login name; undefined without one, and where the server has no SASL. */
export function saslLogin(questions: Questions): Question<string | undefined> {
  const enabled = questions.config.boolean('smtpd_sasl_auth_enable');
  return questions.once<string | undefined>({
    subject: 'credentials',
    text: 'SASL login',
    literal: (session) => (enabled ? session.conversation.sasl?.user : undefined),
    say: (answer) => (answer === undefined ? 'no SASL login' : `SASL login "${answer}"`),
  });
}

/** Restrictions about SASL logins. */
export const sasl: readonly Restriction[] = [
  {
    name: 'permit_sasl_authenticated',
    since: '2.9',
    doc: 'Permit a client that has logged in.',
    compile(site) {
      const login = saslLogin(site.questions);
      return (run) => {
        const user = run.ask(login);
        return user !== undefined && run.session.conversation.sasl?.method.toUpperCase() !== 'ANONYMOUS' ? OK : DUNNO;
      };
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
        (session.conversation.sasl?.user ?? '').replace(/[\x00-\x1f\x7f-\uffff]/g, '_'),
      );
      const question = site.questions.once<AccessAnswer>({
        subject: 'credentials',
        text: `${lookup.table.spec}[SASL login]`,
        literal: (session, trail) => lookup.exact(session.conversation.sasl?.user ?? '', 'SASL login', trail),
        say: (answer) => (answer === undefined ? 'not found' : String(answer)),
      });
      const check = applyAccess(site, question, scope, lookup.table.spec);
      const login = saslLogin(site.questions);
      return (run) => (run.ask(login) === undefined ? DUNNO : check(run));
    },
  },
];
