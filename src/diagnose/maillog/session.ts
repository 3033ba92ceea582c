import type { Span } from '../../lib/problem.ts';

/** A host as Postfix logs it, `name[address]:port`; the name is `unknown` where there is no verified one. */
export interface LoggedHost {
  readonly name: string;
  readonly address: string;
  /** Logged for servers, and for clients where smtpd_client_port_logging is on. */
  readonly port?: string;
}

/** How a peer's certificate was judged, in the words of the log. */
export type LoggedTrust = 'Anonymous' | 'Untrusted' | 'Trusted' | 'Verified';

/** `… TLS connection established from …: TLSv1.2 with cipher … (256/256 bits)`. */
export interface LoggedTls {
  readonly trust: LoggedTrust;
  /** `TLSv1.2`, `TLSv1.3`, … */
  readonly protocol: string;
  readonly cipher: string;
  readonly where: Span;
}

/** The line with a peer's certificate (log level 2 and more of TLS). What the log hides (`XX:XX`) is left out. */
export interface LoggedCertificate {
  readonly subject: string;
  readonly issuer: string;
  /** Upper-case hex pairs with colons, in the digest that the daemon is set to; its length tells which it can be. */
  readonly fingerprint?: string;
  readonly publicKeyFingerprint?: string;
  readonly where: Span;
}

/** The command that a logged reply answers; the names of the simulator's stages. */
export type LoggedStage =
  | 'connect'
  | 'helo'
  | 'starttls'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'end-of-data'
  | 'etrn'
  | 'vrfy'
  | 'other';

/** A reply that one side logged: the server logs its refusals, the client the server's replies to its mail. */
export interface LoggedReply {
  readonly stage: LoggedStage;
  /** 250 where the log only says that the recipient was accepted. */
  readonly code: number;
  /** Empty where there is none. */
  readonly enhanced: string;
  /** What follows the codes; empty where the log does not tell. */
  readonly text: string;
  /** Undefined: the log does not tell; empty: the null sender. */
  readonly sender?: string;
  readonly recipient?: string;
  readonly helo?: string;
  readonly protocol?: 'SMTP' | 'ESMTP';
  /** Who refused: smtpd itself, or a mail filter (`milter-reject`). Undefined: an accepted recipient. */
  readonly by?: 'smtpd' | 'milter';
  readonly where: Span;
}

/** A line that reports trouble: a warning, a fatal error, an error of the TLS library. */
export interface LoggedTrouble {
  readonly level: 'warning' | 'error' | 'fatal' | 'panic' | 'info';
  /** Without the level. */
  readonly text: string;
  readonly where: Span;
}

/** Which program wrote a line. */
export interface LoggedProgram {
  /** `postfix`, or the name of another instance or of its syslog_name. */
  readonly instance: string;
  /** The service, where master.cf gives it a syslog_name of its own: `submission` of `postfix/submission/smtpd`. */
  readonly service?: string;
  /** `smtpd`, `smtp`, `lmtp`, … */
  readonly program: string;
  /** The host that the log names; empty where it names none. */
  readonly host: string;
}

/** One connection of a client, as the server's log tells it. */
export interface ServerSession {
  readonly side: 'server';
  readonly from: LoggedProgram;
  readonly pid: number | undefined;
  readonly client: LoggedHost;
  readonly tls?: LoggedTls;
  readonly certificate?: LoggedCertificate;
  readonly sasl?: { readonly user: string; readonly method: string };
  /** The unverified name of a client that goes by `unknown`, where a warning tells it. */
  readonly reverseName?: string;
  /** Whether TLS was begun, where lines other than that of the handshake tell (the counts at the end, from 3.0 on). */
  readonly tlsBegun?: boolean;
  /** Refusals and accepted recipients, in their order. */
  readonly replies: readonly LoggedReply[];
  readonly trouble: readonly LoggedTrouble[];
  /** `cut`: the log ends, or the process is used for another session, before this one ends. */
  readonly ended: 'disconnect' | 'lost' | 'cut';
  /** False where the first line of this session that the log has is in its middle. */
  readonly begun: boolean;
  /** The time of the first line, as the log writes it. */
  readonly time: string;
  readonly where: Span;
  /** How many sessions of the log are alike in all but time and process; this one is the first of them. */
  readonly alike: number;
}

/** One recipient that a client tried to deliver, as the client's log tells it. */
export interface ClientDelivery {
  readonly side: 'client';
  readonly from: LoggedProgram;
  readonly pid: number | undefined;
  readonly queueId: string;
  /** Undefined: the log does not tell (the line of the queue manager is missing); empty: the null sender. */
  readonly sender?: string;
  readonly recipient: string;
  /** Undefined: no server was reached. */
  readonly relay?: LoggedHost;
  readonly status: 'sent' | 'deferred' | 'bounced' | 'undeliverable' | 'deliverable';
  /** The delivery status of the line, `4.7.1`. */
  readonly dsn: string;
  /** What stands in the brackets at the end of the line. */
  readonly reason: string;
  /** The server's reply, where there was one. */
  readonly reply?: LoggedReply;
  readonly tls?: LoggedTls;
  /** The server's certificate. */
  readonly certificate?: LoggedCertificate;
  readonly trouble: readonly LoggedTrouble[];
  readonly time: string;
  readonly where: Span;
  readonly alike: number;
}

/** What a piece of mail log tells. */
export interface MailLog {
  readonly servers: readonly ServerSession[];
  readonly deliveries: readonly ClientDelivery[];
  /** Trouble that belongs to no session: a daemon that dies at its start, the master daemon that throttles it. */
  readonly trouble: readonly (LoggedTrouble & { readonly from: LoggedProgram; readonly alike: number })[];
  /** Lines read, lines that Postfix wrote, and sessions that were counted but not kept because there were too many. */
  readonly lines: number;
  readonly postfixLines: number;
  readonly leftOut: number;
  /** `version` of `postfix-script … starting the Postfix mail system` and of `daemon started -- version 3.7.11`. */
  readonly version?: { readonly text: string; readonly where: Span };
}
