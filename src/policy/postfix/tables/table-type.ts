import type { Table } from '../config.ts';
import type { Interval, Version } from '../version.ts';

/** What a table may use when it is opened: the files there are, the release, and the other tables. */
export interface TableHost {
  readonly version: Version;
  /** The source text of a file by its path; undefined when there is no such file. */
  read(path: string): string | undefined;
  /** The content of a table that is in no file, as it was given for `type:name`: lines of key and value. */
  content(spec: string): string | undefined;
  /** Opens another table by its spec, for tables made of tables. */
  open(spec: string): Table;
  /** The same, with the keys of what is read from a source as they are written. */
  openAsWritten(spec: string): Table;
  /** True when keys are folded by Unicode (smtputf8_enable). */
  readonly unicode: boolean;
  /** True where keys of tables that are read from their source are not folded. */
  readonly keysAsWritten?: true;
  /** True when a missing source says nothing, because nobody was asked for it: the table a default names. */
  unasked(spec: string): boolean;
  /** The table whose file has no text: what is not known, or what cannot be opened for the reason that is given. */
  absent(spec: string, fixed: boolean, reason: string): Table;
  /** True when the file is compiled by postalias(1), whose source has another syntax. */
  isAliasTable(spec: string): boolean;
  /** True when `type:name` stands, after expansion, in proxy_read_maps. */
  proxied(spec: string): boolean;
}

/** One table type of postconf(5) "lookup tables": a row of the registry. */
export interface TableType extends Interval {
  readonly type: string;
  readonly doc: string;
  open(name: string, host: TableHost): Table;
}
