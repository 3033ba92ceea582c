import type { Address } from '../../lib/ip.ts';
import type { Problem, Span } from '../../lib/problem.ts';
import type { ReadyKey } from '../../lib/ready-key.ts';
import type { Version } from './version.ts';

/** Where the value in force was set; the simulator names it when it explains a verdict. */
export type Origin =
  | { readonly kind: 'main.cf'; readonly where: Span }
  | { readonly kind: 'master.cf'; readonly service: string; readonly where: Span }
  | { readonly kind: 'default'; readonly version: string };

/** A table could not answer; Postfix's DICT_ERR_RETRY and DICT_ERR_CONFIG. */
export class TableFailure {
  readonly kind: 'retry' | 'config';
  readonly log: readonly string[];
  constructor(kind: 'retry' | 'config', log: readonly string[]) {
    this.kind = kind;
    this.log = log;
  }
}

export interface TableEntry {
  readonly key: string;
  readonly value: string;
  readonly where: Span;
}

/** What dict(3) answers to a key. */
export interface Table {
  /** As written, e.g. `hash:/etc/postfix/access`. */
  readonly spec: string;
  /** Fixed-string tables answer partial keys and fold the search key; pattern tables do neither (access(5)). */
  readonly fixed: boolean;
  /**
   * The value, `undefined` when the key is absent, or the failure that Postfix would see. `find` folds the key itself;
   * `ready` saves it the work where the caller has the same key put in order.
   */
  find(key: string, ready?: ReadyKey): string | undefined | TableFailure;
  /** Whether the key is there, at less cost; for tables that never fail and hold no empty value. */
  readonly has?: (ready: ReadyKey) => boolean;
  /** Source entries in file order; absent when the inverse cannot be listed (regexp, static, ...). */
  readonly entries?: readonly TableEntry[];
  /** The keys at which answers change, where there are no entries to list; absent: they cannot be told (regexp). */
  readonly keys?: () => Iterable<string>;
  /** What it may answer, where the keys cannot be told; absent when that depends on the key. */
  readonly values?: () => Iterable<string>;
  /** Why the content cannot be known (ldap, tcp, an untranslatable pattern); then `find` must not be called. */
  readonly opaque?: string;
  /** Set: it is opaque only because nobody gave its source. */
  readonly notGiven?: true;
  /** The server does not start with this table: its last log line, without the word "fatal". */
  readonly fatal?: string;
  /** Set: it is this one that dies, who reads the table for the server, and the server waits for ever. */
  readonly reader?: 'proxymap';
  readonly warnings: readonly Problem[];
}

/** What a caller may know of a client already, and a list need not work out again. */
export interface KnownClient {
  /** The address; undefined when it is none. What it was parsed from is its canonical text. */
  readonly parsed: Address | undefined;
  /** Its number as a signed one, where it is an IPv4 address. */
  readonly v4: number | undefined;
  /** The name in lower case (ASCII). */
  readonly foldedName: string;
  /** `endingOf` it. */
  readonly nameEnding: number;
}

/**
 * What a match list says of a text; or it hangs on a table whose content is not known: `listed` if that has the key, and
 * what the rest of the list says if it has not.
 */
export type ListMatch = boolean | TableFailure | OpenMatch;

/** A list's answer that hangs on a table whose content is not known. */
export interface OpenMatch {
  readonly opaque: Table;
  readonly key: string;
  readonly listed: boolean;
  otherwise(): ListMatch;
}

/** One element of a match list such as mynetworks, in order; the first match decides. */
export interface MatchList {
  readonly parameter: string;
  /** Those among its elements. */
  readonly tables: readonly Table[];
  // `folded`: the same in lower case (ASCII), and `ending` its `endingOf`, where the caller has them already.
  /** String lists: mydestination, virtual_*_domains. */
  matchString(text: string, folded?: string, ending?: number): ListMatch;
  /** Domain lists: relay_domains (parents by parent_domain_matches_subdomains). */
  matchDomain(name: string, folded?: string, ending?: number): ListMatch;
  /** Address lists: mynetworks; name is the verified client name or `unknown`. */
  matchClient(name: string, address: string, known?: KnownClient): ListMatch;
}

/** The programs that a server asks while it judges a session. */
export type AskedProgramName = 'everyone' | 'trivial-rewrite' | 'proxymap' | 'cleanup';

/** main.cf (with one service's -o overrides) after $name expansion, for one version. */
export interface PostfixConfig {
  readonly version: Version;
  /**
   * main.cf as trivial-rewrite(8) reads it, which rewrites and resolves addresses for the server and knows nothing of what
   * master.cf overrides for it. The configuration itself, where nothing is overridden.
   */
  readonly rewriting: PostfixConfig;
  /**
   * The log line with which a program dies of main.cf without which the server cannot answer, if one does: `everyone`
   * stands for all of them, the master daemon included. A server waits for them for hours, and says nothing.
   */
  askedFatal(program: AskedProgramName): string | undefined;
  /** Expanded value of any parameter or user macro; empty when unset and without default. */
  get(name: string): string;
  /** The unexpanded text in force. */
  raw(name: string): string;
  /** True when main.cf or -o sets it, even to the empty value. */
  isSet(name: string): boolean;
  origin(name: string): Origin;
  boolean(name: string): boolean;
  integer(name: string): number;
  matchList(name: string): MatchList;
  /** Opens (once) a table by its spec, e.g. `cidr:/etc/postfix/nets`. */
  table(spec: string): Table;
  /** The tables of a map parameter in order, e.g. relay_clientcerts. */
  tables(name: string): readonly Table[];
  /** `$compatibility_level` as [major, minor, patch]; 0 when unset. */
  readonly compatibilityLevel: readonly [number, number, number];
  /** Warnings that Postfix itself would log while reading, in its words. */
  readonly warnings: readonly Problem[];
  /** What had to be assumed because no file says it: the host name, the networks of the interfaces. */
  readonly assumptions: readonly Problem[];
  /**
   * The log line with which smtpd would die while it loads its parameters and makes its match lists, without the word
   * "fatal", if it would. Tables it opens besides carry their own.
   */
  readonly fatal: string | undefined;
  /** Where that is written; undefined where no line of a file says it. */
  readonly fatalWhere?: Span | undefined;
  /** The tables that were opened so far, whose warnings the server would have logged. */
  openTables?(): readonly Table[];
}

/** What the caller has: texts by name. `mainCf` may be the text of main.cf or `postconf -n`, or name/value pairs. */
export interface ConfigSources {
  readonly version: string;
  readonly mainCf: string | Readonly<Record<string, string>>;
  /** For messages; default `main.cf`. */
  readonly mainCfName?: string;
  readonly masterCf?: string | null;
  readonly masterCfName?: string;
  /** Service name, port, or address:port of master.cf; default `smtp`. */
  readonly service?: string;
  /** File path to source text; a path that is absent is a missing file. */
  readonly tables?: Readonly<Record<string, string>>;
  /** Asked for a path that `tables` lacks, by those who would rather assume a content than a missing file. */
  readonly otherTables?: (path: string) => string | undefined;
  /**
   * What it means that a file has no text here: it is missing on the host, and cannot be opened (the default); or nobody
   * gave it, and what it holds is an open question.
   */
  readonly absentTables?: 'missing' | 'open';
}
