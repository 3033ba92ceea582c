import type { ConfigSources, PostfixConfig, Table } from '../postfix/config.ts';
import { readConfig } from '../postfix/read-config.ts';
import { compile } from '../smtpd/compile.ts';
import { WatchedConfig } from '../smtpd/watched-config.ts';

/** A table that could not be opened because nobody gave its source: what it says is an open question. */
export function openIfMissing(table: Table): Table {
  const missing = table.warnings.some(({ code }) => code === 'table-unavailable');
  return missing && table.opaque === undefined
    ? { ...table, opaque: `the source of ${table.spec} was not given` }
    : table;
}

/**
 * A server of which access tables that were not given let in whomever they are asked about: those that `lists` names; the
 * others, and the files of match lists, list nothing.
 */
class Supposed extends WatchedConfig {
  readonly missing = new Set<string>();
  private readonly given: PostfixConfig;
  private readonly lists: (spec: string) => boolean;

  constructor(sources: ConfigSources, lists: (spec: string) => boolean) {
    super(readConfig({ ...sources, otherTables: (path) => sources.otherTables?.(path) ?? '' }), (table) => table);
    this.given = readConfig(sources);
    this.lists = lists;
  }

  override table(spec: string): Table {
    const presumed = super.table(spec);
    if (openIfMissing(this.given.table(spec)).opaque === undefined || presumed.opaque !== undefined) return presumed;
    this.missing.add(spec);
    if (!this.lists(spec)) return presumed;
    return { spec, fixed: presumed.fixed, find: () => 'OK', keys: () => [], values: () => ['OK'], warnings: [] };
  }
}

/** One way to fill the access tables that were not given; `listing` is the table that lists everybody. */
export interface Supposition {
  readonly listing: string | undefined;
  readonly before: PostfixConfig;
  readonly after: PostfixConfig;
}

/** As many tables that were not given are supposed to list everybody, each alone. */
const mostTables = 12;

/** The suppositions that are looked at, and how many tables that were not given none of them is about. */
export interface Suppositions {
  readonly all: readonly [Supposition, ...Supposition[]];
  readonly leftOut: number;
}

/**
 * Two states of one server, with the access tables that were not given empty, and with each of them listing everybody:
 * whom it lists nobody knows, so a repair that makes it count lets others in.
 */
export function suppositions(before: ConfigSources, after: ConfigSources): Suppositions {
  const pair = (lists: (spec: string) => boolean) => ({
    before: new Supposed(before, lists),
    after: new Supposed(after, lists),
  });
  const empty = pair(() => false);
  for (const config of [empty.before, empty.after]) compile(config);
  const missing = [...new Set([...empty.before.missing, ...empty.after.missing])];
  const looked = missing.slice(0, mostTables);
  return {
    all: [
      { listing: undefined, ...empty },
      ...looked.map((listing) => ({ listing, ...pair((spec) => spec === listing) })),
    ],
    leftOut: missing.length - looked.length,
  };
}
