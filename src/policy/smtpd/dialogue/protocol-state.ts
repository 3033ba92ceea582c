import type { Phase, Session } from './session.ts';

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
export function protocolState({ phase, conversation }: Session): string {
  return phase === 'helo' && conversation.protocol === 'SMTP' ? 'HELO' : states[phase];
}
