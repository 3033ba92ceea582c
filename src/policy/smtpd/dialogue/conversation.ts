import type { Address } from '../../../lib/ip.ts';
import type { ReadyKey } from '../../../lib/ready-key.ts';
import type { Envelope } from '../address/syntax.ts';

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
  /** The argument of ETRN, sent before MAIL; undefined: it is not sent. */
  readonly etrn?: string;
  /** The argument of VRFY, sent before MAIL; undefined: it is not sent. */
  readonly vrfy?: Said;
  /** The client sends all its commands at once and waits for nothing. */
  readonly early?: boolean;
  /** Undefined: no MAIL is sent; empty: the null sender. */
  readonly mailFrom: Said | undefined;
  readonly rcptTo: readonly Said[];
  /** Send DATA and a short message after the recipients. */
  readonly data: boolean;
  /** `name/type` to records or a failure; undefined: every DNS question is open. */
  readonly dns: Readonly<Record<string, readonly string[] | string>> | undefined;
  /** True: a name that `dns` lacks is an open question; else it does not exist. */
  readonly dnsOpen?: boolean;
  /** What policy services answer; one that is not named is an open question. */
  readonly policy?: PolicyAnswers;
  /** What address verification says of an address in lower case; any other is an open question. */
  readonly verify?: Readonly<Record<string, Verified>>;
}

/**
 * Answers of policy services (SMTPD_POLICY_README), by `transport:endpoint`: an access(5) action, null where no usable
 * answer comes, or an answer for each recipient, protocol state (`RCPT`, `DATA`, …) or `*`, the rest.
 */
export type PolicyAnswers = Readonly<Record<string, PolicyAnswer | Readonly<Record<string, PolicyAnswer>>>>;

export type PolicyAnswer = string | null;

/** What verify(8) knows of an address; `pending` while a probe is under way, `failed` when it cannot be asked. */
export interface Verified {
  readonly status: VerifyStatus;
  /** The words of the server that was asked; empty when they were not given. */
  readonly reason: string;
}

export type VerifyStatus = 'deliverable' | 'undeliverable' | 'deferred' | 'pending' | 'failed';
