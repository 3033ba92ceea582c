import type { Address } from '../../../lib/ip.ts';
import type { ReadyKey } from '../../../lib/ready-key.ts';
import type { Resolved } from '../address/resolve.ts';
import type { Conversation } from './conversation.ts';

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

/** A client certificate as Postfix reports it. Fingerprints are upper-case hex pairs with colons, by digest name. */
export interface ClientCertificate {
  readonly trusted: boolean;
  /** Common name of the subject; empty if there is none. */
  readonly subject: string;
  readonly issuer: string;
  readonly fingerprint: Readonly<Record<string, string>>;
  readonly publicKeyFingerprint: Readonly<Record<string, string>>;
  /** The same as keys of tables. */
  readonly fingerprintKey: Readonly<Record<string, ReadyKey>>;
  readonly publicKeyFingerprintKey: Readonly<Record<string, ReadyKey>>;
}

/** How a client's name was found: a temporary error, no name, or a name that does not lead back. */
export type PeerStatus = 'ok' | 'temporary' | 'none' | 'forged';

/** The client's address and names. */
export interface Peer {
  /** Canonical text; an IPv4-mapped IPv6 address is its IPv4 address. */
  readonly address: string;
  /** The same, parsed; undefined when it is no address. */
  readonly parsed: Address | undefined;
  /** Its number as a signed one, where it is an IPv4 address: kept at hand for match lists. */
  readonly v4: number | undefined;
  /** The verified name or `unknown`. */
  readonly name: string;
  /** The same in lower case (ASCII), as match lists compare it. */
  readonly foldedName: string;
  /** `endingOf` it. */
  readonly nameEnding: number;
  readonly nameStatus: PeerStatus;
  /** The unverified reverse name or `unknown`. */
  readonly reverseName: string;
  readonly reverseNameStatus: PeerStatus;
  /** `name[address]`, as replies and logs show it. */
  readonly namaddr: string;
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
