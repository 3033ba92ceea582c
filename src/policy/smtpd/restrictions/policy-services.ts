import { atLeast } from '../../postfix/version.ts';
import type { PolicyAnswer } from '../dialogue/conversation.ts';
import type { Phase, Session } from '../dialogue/session.ts';
import { readPolicyService } from '../lists/policy-service.ts';
import type { Restriction } from '../lists/restriction.ts';
import { type Check, OK } from '../lists/run.ts';
import type { Site } from '../lists/scope.ts';
import type { Question } from '../questions/facts.ts';
import type { Trail } from '../questions/trail.ts';

/** All that the answer of a service can do to a session. */
const outcomes: readonly PolicyAnswer[] = [
  'DUNNO',
  'OK',
  'REJECT unknown',
  'DEFER unknown',
  'DEFER_IF_PERMIT unknown',
  'DEFER_IF_REJECT unknown',
  'DISCARD',
];

/** The answer that the world was given, by recipient, protocol state or for everything; else a supposed one. */
function answerOf(endpoint: string, session: Session, trail: Trail): PolicyAnswer {
  const given = session.conversation.policy?.[endpoint];
  if (typeof given === 'string' || given === null) return given;
  const recipient = session.recipient?.text;
  const state = protocolState(session);
  if (given !== undefined) {
    for (const about of [recipient?.toLowerCase(), state.toLowerCase(), '*']) {
      const answer = about === undefined ? undefined : given[about];
      if (answer !== undefined) return answer;
    }
  }
  const about = recipient === undefined || recipient === '' ? state : `${state} ${recipient}`;
  return trail.suppose(`policy ${endpoint} for ${about}`, outcomes);
}

function compile(site: Site): Check {
  const { config, scope } = site;
  const argument = site.argument ?? '';
  const service = readPolicyService(argument, config.version);
  // A server with such a service does not start; one is met here in an access table's action only.
  if ('fatal' in service) return (run) => run.configFailure();
  const question: Question<PolicyAnswer> = site.questions.once<PolicyAnswer>({
    subject: 'transaction',
    text: `policy ${argument}`,
    literal: (session, trail) => answerOf(service.endpoint, session, trail),
    say: (answer) => (answer === null ? 'no answer' : answer),
  });
  const actions = new Map<string, Check>();
  const act = (action: string): Check => {
    const known = actions.get(action) ?? site.action(action, scope, argument);
    actions.set(action, known);
    return known;
  };
  const hasDefault = atLeast(config.version, '3.0');
  const unanswered = service.defaultAction ?? config.get('smtpd_policy_service_default_action');
  return (run) => {
    const answer = run.ask(question);
    if (answer === '') {
      // An access table with such a value cannot be read; of a service it is taken for a permit.
      run.warn(`access table ${argument} entry has empty value`);
      return OK;
    }
    if (answer !== null) return act(answer)(run);
    return hasDefault ? act(unanswered)(run) : run.reject('policy', 451, '4.3.5', 'Server configuration problem');
  };
}

/** Restrictions that ask a policy service for the decision (SMTPD_POLICY_README). */
export const policyServices: readonly Restriction[] = [
  {
    name: 'check_policy_service',
    since: '2.9',
    takes: 'service',
    doc: 'Ask a policy service for an access(5) action.',
    consults: ['policy'],
    compile,
  },
];

const states: Readonly<Record<Phase, string>> = {
  connect: 'CONNECT',
  helo: 'EHLO',
  mail: 'MAIL',
  rcpt: 'RCPT',
  vrfy: 'VRFY',
  etrn: 'ETRN',
  data: 'DATA',
  'end-of-data': 'END-OF-MESSAGE',
};

/** The command in progress, as logs and policy services are told it (SMTPD_POLICY_README, `protocol_state`). */
function protocolState({ phase, conversation }: Session): string {
  return phase === 'helo' && conversation.protocol === 'SMTP' ? 'HELO' : states[phase];
}
