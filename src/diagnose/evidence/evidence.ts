import type { Problem, Span } from '../../lib/problem.ts';
import type { ConfigSources, PostfixConfig } from '../../policy/postfix/config.ts';
import type { MainCf } from '../../policy/postfix/main-cf.ts';
import type { MasterCf, Service } from '../../policy/postfix/master-cf.ts';
import type { Version } from '../../policy/postfix/version.ts';
import type { Answered } from '../../policy/smtpd/dialogue/answered.ts';
import type { Conversation } from '../../policy/smtpd/dialogue/conversation.ts';
import type { World } from '../../policy/smtpd/dialogue/read-conversation.ts';
import type { Reasons } from '../../policy/smtpd/dialogue/reasons.ts';
import type { TraceNode } from '../../policy/smtpd/dialogue/trace.ts';
import type { Verdict } from '../../policy/smtpd/lists/verdict.ts';
import type { CertificateFacts } from '../../x509/facts.ts';
import type { ClientDelivery, LoggedReply, MailLog, ServerSession } from '../maillog/session.ts';

/** A file that the configuration names and that was not given. */
export interface FileNotGiven {
  readonly parameter: string;
  /** Without a table's type. */
  readonly path: string;
}

/** The release of one side, and how it was learnt. */
export interface Release {
  readonly version: Version;
  /**
   * `given`: by an option; `mail_version`: a line of the configuration; `path`: a directory that the configuration names
   * (`postfix-2.10.1` in readme_directory); `log`: a line of the log; `live`: this machine's postconf; `guessed`: nothing
   * says, the newest is assumed.
   */
  readonly how: 'given' | 'mail_version' | 'path' | 'log' | 'live' | 'guessed';
  /** The words it was read from, for people; empty when guessed. */
  readonly words: string;
  readonly where?: Span;
}

/** A lookup table whose source is known. */
export interface TableEvidence {
  /** As the configuration names it, without the type: `/etc/postfix/relay_clientcerts`. */
  readonly path: string;
  /** Where the source was read. */
  readonly file: string;
  readonly text: string;
  /** `given`: by an option or an argument; `beside`: found beside main.cf; `live`: where it lies on this machine. */
  readonly how: 'given' | 'beside' | 'live';
}

/** Certificates of one PEM or DER file, in their order. */
export interface CertificateEvidence {
  readonly file: string;
  /** The path that the configuration names, where one names this file (by path or base name). */
  readonly path?: string;
  readonly chain: readonly CertificateFacts[];
}

/** A private key; only its public half is kept. */
export interface KeyEvidence {
  readonly file: string;
  readonly path?: string;
  /** SubjectPublicKeyInfo. Absent: the key is encrypted or damaged, as `problem` says. */
  readonly publicKey?: Uint8Array;
  readonly problem?: Problem;
}

/** One SMTP server of master.cf; without a master.cf there is one, with main.cf alone. */
export interface ServiceEvidence {
  /** As master.cf names it; `smtp` without one. */
  readonly name: string;
  /** Absent without a master.cf. */
  readonly service?: Service;
  /** main.cf with this service's -o overrides. */
  readonly config: PostfixConfig;
  /** What `config` was read from: change `mainCf` or `tables` and read it again to judge an edit. */
  readonly sources: ConfigSources;
}

/** A configuration as it was given. */
export interface ConfigurationEvidence {
  /** For messages and locations: as the user named it. */
  readonly file: string;
  readonly text: string;
  readonly release: Release;
  readonly mainCf: MainCf;
  readonly master?: { readonly file: string; readonly text: string; readonly parsed: MasterCf };
  readonly tables: readonly TableEvidence[];
  /** Certificates and keys that this side's configuration names, where they were given or are on this machine. */
  readonly certificates: readonly CertificateEvidence[];
  readonly keys: readonly KeyEvidence[];
}

/** The side that lets mail in. */
export interface ServerEvidence extends ConfigurationEvidence {
  /** Each SMTP server; the one that the sessions are about comes first. Never empty. */
  readonly services: readonly [ServiceEvidence, ...ServiceEvidence[]];
}

/** The side that brings mail. */
export interface ClientEvidence extends ConfigurationEvidence {
  /** main.cf read as the client's; smtp_* parameters are not the server's, but its reader knows them. */
  readonly config: PostfixConfig;
}

/** Whether a reply of the log is what the simulator predicts. */
export type Agreement =
  /** Code, enhanced code and text are equal. */
  | 'same'
  | 'different'
  /** The simulator's answer hangs on something that is not known. */
  | 'unknown'
  /** No log has this session, or a reply in it. */
  | 'nothing to compare';

/** An entry of relay_clientcerts that a client's certificate matches. */
export interface Listing {
  readonly table: string;
  readonly key: string;
  readonly value: string;
  readonly digest: string;
  readonly where?: Span;
}

/** One session of a log, or of the options, played against one service. */
export interface Replay {
  /** For people: `client.example.com[192.168.1.1], Nov 30 21:40:39`. */
  readonly name: string;
  readonly service: ServiceEvidence;
  /** The session of the server's log and the delivery of the client's log that this is; both absent: from options. */
  readonly session?: ServerSession;
  readonly delivery?: ClientDelivery;
  /** The session as a scenario has it, with its world; `conversation` is the same, read. */
  readonly scenario: Readonly<Record<string, unknown>>;
  readonly dns: unknown;
  readonly world: World;
  readonly conversation: Conversation;
  readonly verdict: Verdict;
  /** The reply that the verdict is about, and the reply of the log that it is compared with. */
  readonly reply?: Answered;
  readonly logged?: LoggedReply;
  /** The files behind its own domains, recipients and networks that were not given; absent: the files are all. */
  readonly notGiven?: readonly FileNotGiven[];
  readonly agreement: Agreement;
  readonly reasons: Reasons;
  readonly trace: readonly TraceNode[];
  /** The entry that lists the client's certificate, whether or not the server came to look. */
  readonly listed?: Listing;
  /** What the log does not tell and was taken to be so, in words. */
  readonly assumed: readonly string[];
  /** Sessions of the log that are alike. */
  readonly alike: number;
}

/** A compiled table beside its source, on this machine. */
export interface BuiltTable {
  /** As the configuration names it. */
  readonly path: string;
  /** Type of the table: `hash`, `btree`, `lmdb`, … */
  readonly type: string;
  /** The compiled file; absent where there is none. */
  readonly file?: string;
  /** Milliseconds since 1970. */
  readonly sourceChanged?: number;
  readonly builtChanged?: number;
  /**
   * Keys whose value in the compiled table (`postmap -s`) is not that of the source, with both; a side is absent where
   * the key is. Undefined: the compiled table could not be listed.
   */
  readonly differences?: readonly { readonly key: string; readonly source?: string; readonly built?: string }[];
}

/** What this machine says of itself (`--live`). */
export interface LiveEvidence {
  /** `postconf -m`: the table types that are built in or installed. */
  readonly tableTypes: readonly string[];
  readonly built: readonly BuiltTable[];
}

/** Everything that a diagnosis may look at. */
export interface Evidence {
  readonly server?: ServerEvidence;
  readonly client?: ClientEvidence;
  /** Undefined: no log was given. */
  readonly log?: MailLog;
  /** Sessions that failed come first. */
  readonly replays: readonly Replay[];
  /** Certificates that were given and that neither configuration names: a client's, most of all. */
  readonly certificates: readonly CertificateEvidence[];
  readonly live?: LiveEvidence;
  /** Now, for expiry. */
  readonly now: Date;
}
