import type { Resolved } from '../address/resolve.ts';
import type { ClientCertificate, Conversation, Peer } from './conversation.ts';

/** An envelope address during a session. */
export interface Mailbox {
  /** As the client gave it, without brackets, source route and quoting. */
  readonly text: string;
  /** After rewriting and resolving; what tables are asked about. Worked out when somebody first asks. */
  readonly resolved: Resolved;
}

/** TLS facts as the server sees them: a certificate is there only when the server asked for it. */
export interface TlsSession {
  readonly protocol: string;
  readonly certificate: ClientCertificate | undefined;
}

/** The command in progress, where restrictions make a difference by it. */
export type Phase = 'connect' | 'helo' | 'mail' | 'rcpt' | 'data' | 'end-of-data' | 'etrn' | 'vrfy';

/** What one decision is about: the state of the SMTP session while a command is judged. */
export class Session {
  conversation: Conversation;
  peer: Peer;
  phase: Phase = 'connect';
  /** The stored helo name; undefined before a successful HELO. */
  helo: string | undefined = undefined;
  sender: Mailbox | undefined = undefined;
  recipient: Mailbox | undefined = undefined;
  etrn: string | undefined = undefined;
  /** Recipients accepted so far in this transaction. */
  recipientCount = 0;
  tls: TlsSession | undefined = undefined;

  constructor(conversation: Conversation, peer: Peer) {
    this.conversation = conversation;
    this.peer = peer;
  }

  /** AUTH follows EHLO (RFC 4954): lists that run before it know of no login. */
  get login(): Conversation['sasl'] {
    return this.phase === 'connect' || this.phase === 'helo' ? undefined : this.conversation.sasl;
  }

  /** For the next conversation on the same program. */
  begin(conversation: Conversation, peer: Peer): void {
    this.conversation = conversation;
    this.peer = peer;
    this.phase = 'connect';
    this.etrn = undefined;
    this.tls = undefined;
    this.reset();
  }

  /** After STARTTLS a session knows nothing of what was said in plain text. */
  reset(): void {
    this.helo = undefined;
    this.sender = undefined;
    this.recipient = undefined;
    this.recipientCount = 0;
  }
}
