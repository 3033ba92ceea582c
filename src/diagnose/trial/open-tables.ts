import { alteredConfig } from '../../policy/postfix/altered.ts';
import type { ConfigSources, PostfixConfig } from '../../policy/postfix/config.ts';
import { readConfig } from '../../policy/postfix/read-config.ts';
import { compile } from '../../policy/smtpd/start/compile.ts';

/**
 * A server whose access tables that were not given permit every key, where `lists` names them; the
 * others, and the files of match lists, list nothing. Tables that were not given are added to `missing` as they are opened.
 */
function supposed(sources: ConfigSources, lists: (spec: string) => boolean, missing: Set<string>): PostfixConfig {
  const given = readConfig({ ...sources, absentTables: 'open' });
  const empty = readConfig({ ...sources, otherTables: (path) => sources.otherTables?.(path) ?? '' });
  return alteredConfig(empty, (config) => ({
    table(spec) {
      const presumed = config.table(spec);
      if (given.table(spec).opaque === undefined || presumed.opaque !== undefined) return presumed;
      missing.add(spec);
      if (!lists(spec)) return presumed;
      return { spec, fixed: presumed.fixed, find: () => 'OK', keys: () => [], values: () => ['OK'], warnings: [] };
    },
  }));
}

/** One way to fill the access tables that were not given; `listing` is the table that lists everybody. */
export interface Supposition {
  readonly listing: string | undefined;
  readonly before: PostfixConfig;
  readonly after: PostfixConfig;
}

/** At most so many tables that were not given are assumed to list everybody, each alone. */
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
  const opened = new Set<string>();
  const pair = (lists: (spec: string) => boolean, missing = new Set<string>()) => ({
    before: supposed(before, lists, missing),
    after: supposed(after, lists, missing),
  });
  const empty = pair(() => false, opened);
  for (const config of [empty.before, empty.after]) compile(config);
  const missing = [...opened];
  const looked = missing.slice(0, mostTables);
  return {
    all: [
      { listing: undefined, ...empty },
      ...looked.map((listing) => ({ listing, ...pair((spec) => spec === listing) })),
    ],
    leftOut: missing.length - looked.length,
  };
}
