import type { Digest } from '../../x509/algorithms.ts';

/** A file to be, complete. */
export interface Output {
  /** The template it comes from, by its path below templates/. */
  readonly template: string;
  /** Where it goes below the output folder, e.g. `hosts/client.example.com/main.cf`. */
  readonly to: string;
  readonly mode: number;
  /** A fragment goes into the main.cf of a host parameter by parameter; a file is copied as it is. */
  readonly kind: 'file' | 'fragment';
  readonly content: string;
}

/**
 * What a template may say. A view is total: every field is there, and what does not apply is an empty list,
 * because a template in strict mode has no other way to ask. Every string is checked (guard.ts) before a
 * template sees it: no field can carry a line break, and each keeps to the grammar of the place it goes to.
 */
export interface HostView {
  readonly name: string;
  /** `server`, `client`, or both in this order. */
  readonly roles: readonly Role[];
  readonly isServer: boolean;
  readonly isClient: boolean;
  /** The Postfix version that this was rendered for, `X.Y` or `X.Y.Z`. */
  readonly postfix: string;
  readonly versions: VersionRange;
  /** The command that renders it again. */
  readonly renderCommand: string;
  /** Folder on the host, without a slash at its end. */
  readonly installDir: string;
  /** What goes to the folder on the host, by its name in hosts/<name>/. */
  readonly files: readonly FileView[];
  /** Certificate and key that must belong together, by their names in hosts/<name>/. */
  readonly pairs: readonly PairView[];
  /** The lookup tables that main.cf names; their sources are among the files. */
  readonly maps: readonly MapView[];
  /** Lookup tables that lie in a database. */
  readonly tables: readonly SharedTableView[];
  /** Lists that the host keeps as they are, with one element more. */
  readonly elements: readonly ElementView[];
  /** The parameters of the whole fragment, in its order, as its text has them. */
  readonly parameters: readonly ParameterView[];
  /** Entries that master.cf must have for this fragment; most hosts need none. */
  readonly services: readonly ServiceView[];
  /** The port on which clients reach a server, as main.cf and master.cf write it. */
  readonly relayPort: string;
  /** True for a server whose clients come to a service of its own, which is among the services. */
  readonly hasOwnService: boolean;
  /** One when the host is a server, else none. */
  readonly server: readonly ServerView[];
  /** One when the host is a client, else none. */
  readonly client: readonly ClientView[];
}

export type Role = 'server' | 'client';

/** Minor versions of Postfix for which the rendering is the same. */
export interface VersionRange {
  /** First minor, inclusive, e.g. `3.4`. */
  readonly from: string;
  /** First minor that is out of the range (exclusive), e.g. `3.12`. */
  readonly to: string;
  /** Last minor, inclusive, e.g. `3.11`. */
  readonly last: string;
  /** For people: `3.4 to 3.11`, or `2.9` alone. */
  readonly text: string;
}

export interface FileView {
  readonly name: string;
  /**
   * Octal, four digits, as install(1) and chmod(1) take it; 0600 for what holds a private key, 0640 for what belongs to
   * the group of Postfix's own user as well, for who is to be asked for a table is nobody else's business.
   */
  readonly mode: '0600' | '0640' | '0644';
}

export interface PairView {
  readonly certificate: string;
  readonly key: string;
}

export interface MapView {
  /** Lookup table type as main.cf names it; may be the text `$default_database_type`. */
  readonly type: string;
  /** Path on the host, without the type. */
  readonly path: string;
  /** Name of the source in hosts/<name>/. */
  readonly file: string;
  /** The parameter that names the table. */
  readonly parameter: string;
}

export interface SharedTableView {
  /** As main.cf names it. */
  readonly type: string;
  /** Path on the host of the file by which the database is found, without the type. */
  readonly path: string;
  /** Name in hosts/<name>/ of the text that says what the table is to hold; nothing on the host reads it. */
  readonly file: string;
  /** Path of the file on the host that has the password; empty where the database needs none. */
  readonly password: string;
}

export interface ElementView {
  /** A parameter that is a list. */
  readonly name: string;
  readonly element: string;
}

export interface Assignment {
  readonly name: string;
  /** Empty when the parameter is set to nothing. */
  readonly value: string;
}

export interface ParameterView extends Assignment {
  /** True when a value that the host has of its own stays in force (mynetworks rendered for its unsafe default). */
  readonly unlessSet: boolean;
}

export interface ServiceView {
  /** What it is for, in the lines of a comment. */
  readonly reason: readonly string[];
  readonly name: string;
  readonly type: string;
  /** The whole entry on one line, as `postconf -M name/type=…` takes it; its head and options apart. */
  readonly line: string;
  readonly head: string;
  readonly options: readonly string[];
}

/**
 * What the server half of a fragment says. Where a service of its own says all of it, every list is empty but the map's.
 */
export interface ServerView {
  /** Why there is nothing to be said in main.cf; empty where there is. */
  readonly elsewhere: readonly string[];
  readonly securityLevel: string;
  readonly digest: Digest;
  /** Certificates that verify clients; none when the host keeps a CA file of its own. */
  readonly caFile: readonly Assignment[];
  /** The certificate parameters in use; none when the server keeps its own certificate. */
  readonly certificate: readonly Assignment[];
  /** The rest of the family, set to nothing; none when the server keeps its own certificate. */
  readonly certificateUnused: readonly Assignment[];
  /** `type:path` of relay_clientcerts. */
  readonly relayClientcerts: string;
  /** One where the table lies in a database, else none. */
  readonly database: readonly DatabaseView[];
  /** Protocols and ciphers where this version's defaults are unsafe. */
  readonly hardening: readonly Assignment[];
  /** mynetworks, where it is rendered. */
  readonly mynetworks: readonly Assignment[];
  readonly mynetworksReason: readonly string[];
  /** The restriction lists that make the policy, in the order in which a reader wants them. */
  readonly restrictions: readonly Assignment[];
  readonly restrictionsReason: readonly string[];
  /** What the chosen port asks of master.cf; one comment line each. */
  readonly portNotes: readonly string[];
  readonly entries: readonly MapEntry[];
  /** Lines of an earlier map that admit nobody, as comments; none when there are no such lines. */
  readonly kept: readonly { readonly lines: readonly string[] }[];
}

/** A table in a database as Postfix asks for it (pgsql_table(5)). */
export interface DatabaseView {
  /** Path on the host of the file that says so. */
  readonly file: string;
  /** Connection URIs, separated by blanks. */
  readonly hosts: string;
  readonly name: string;
  /** One where a password is needed. */
  readonly password: readonly { readonly file: string }[];
  /** The list of tables that proxymap(8) may open, with ours. */
  readonly proxyReadMaps: string;
}

/** One line of relay_clientcerts and what the comment above it says. */
export interface MapEntry {
  readonly fingerprint: string;
  /** The client; the value of the line, which Postfix does not read. */
  readonly client: string;
  readonly kind: 'certificate' | 'public key';
  /** Certificates with this fingerprint: several when a renewal kept the key, none for a line of an earlier map. */
  readonly certificates: readonly { readonly serial: string; readonly notAfter: string }[];
  /** Further comment lines: those that an earlier map had above this fingerprint. */
  readonly comments: readonly string[];
}

/** What the client half of a fragment says. */
export interface ClientView {
  /** relayhost, and smtp_fallback_relay where a list is not understood yet. */
  readonly route: readonly Assignment[];
  readonly routeReason: readonly string[];
  /** What sends mail through a transport of its own; none when the relay host carries all mail. */
  readonly transport: readonly Assignment[];
  readonly transportReason: readonly string[];
  /** The tables with one line per server, ours before the host's; none when the transport has its own, as with all below. */
  readonly policyMaps: readonly Assignment[];
  /** Level, CA file, digest and log level. */
  readonly tls: readonly Assignment[];
  /** What keeps every other CA out; none at levels that verify no chain. */
  readonly trust: readonly Assignment[];
  readonly certificate: readonly Assignment[];
  readonly certificateUnused: readonly Assignment[];
  readonly hardening: readonly Assignment[];
  readonly policies: readonly PolicyEntry[];
}

/** One line of the TLS policy table: the next hop exactly as relayhost writes it, and what it must prove. */
export interface PolicyEntry {
  readonly nexthop: string;
  /** Level and attributes, e.g. `secure match=server.example.com`. */
  readonly policy: string;
}
