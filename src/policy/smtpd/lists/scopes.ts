import type { Session } from '../dialogue/session.ts';
import type { Scope, Stage } from './scope.ts';

/** What each list is called in replies, and what a bare table means there (SMTPD_ACCESS_README). */
export const scopes: Readonly<Record<Stage, Scope>> = {
  client: scope('client', 'Client host', 'check_client_access', (session) => session.peer.namaddr),
  helo: scope('helo', 'Helo command', 'check_helo_access', (session) => session.helo ?? ''),
  sender: scope('sender', 'Sender address', 'check_sender_access', (session) => session.sender?.text ?? ''),
  relay: scope('relay', 'Recipient address', 'check_recipient_access', recipient),
  recipient: scope('recipient', 'Recipient address', 'check_recipient_access', recipient),
  etrn: scope('etrn', 'Etrn command', 'check_etrn_access', (session) => session.etrn ?? ''),
  data: scope('data', 'Data command', undefined, () => 'DATA'),
  end_of_data: scope('end_of_data', 'End-of-data', undefined, () => 'END-OF-MESSAGE'),
};

function scope(
  stage: Stage,
  className: string,
  tableMeans: string | undefined,
  name: (session: Session) => string,
): Scope {
  return { stage, className, tableMeans, name };
}

function recipient(session: Session): string {
  return session.recipient?.text ?? '';
}
