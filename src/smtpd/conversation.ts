import type { Envelope } from './address/syntax.ts';
import type { ClientCertificate, Peer } from './session.ts';

/** An address between the brackets of a command: as the client sends it, and what the server reads. */
export interface Said {
  readonly given: string;
  readonly envelope: Envelope;
}

/** The argument of HELO. */
export interface Helo {
  /** Its words with single blanks between them; empty: there are none. */
  readonly name: string;
  /** As the server keeps it. */
  readonly kept: string;
}

/** All that a client would say and show, read once; the simulator plays it against a program. */
export interface Conversation {
  /** The client as a server that looks names up knows it. */
  readonly peer: Peer;
  /** Undefined: no HELO is sent. */
  readonly helo: Helo | undefined;
  readonly protocol: 'SMTP' | 'ESMTP';
  /** Undefined: the client never sends STARTTLS. */
  readonly tls: { readonly protocol: string; readonly certificate: ClientCertificate | undefined } | undefined;
  readonly sasl: { readonly user: string; readonly method: string } | undefined;
  /** Undefined: no MAIL is sent; empty: the null sender. */
  readonly mailFrom: Said | undefined;
  readonly rcptTo: readonly Said[];
  /** Send DATA and a short message after the recipients. */
  readonly data: boolean;
  /** `name/type` to records or a failure; undefined: every DNS question is open. */
  readonly dns: Readonly<Record<string, readonly string[] | string>> | undefined;
  /** True: a name that `dns` lacks is an open question; else it does not exist. */
  readonly dnsOpen?: boolean;
}
