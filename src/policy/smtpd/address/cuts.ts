import type { PostfixConfig } from '../../postfix/config.ts';
import { type Cut, listCuts, tableCuts } from '../../postfix/cut.ts';

/**
 * The keys that decide the class of an address, and whether it can be looked up at all. Every question about a sender or
 * recipient can tell these apart.
 */
export function resolverCuts(config: PostfixConfig): readonly Cut[] {
  const { rewriting } = config;
  const lists = ['mydestination', 'virtual_alias_domains', 'virtual_mailbox_domains', 'relay_domains'];
  const readers = rewriting === config ? [config] : [rewriting, config];
  const names = readers.flatMap((reader) =>
    ['myorigin', 'myhostname', 'mydomain'].map((name) => `@${reader.get(name)}`),
  );
  return [
    { keys: names },
    ...listCuts(lists.map((name) => rewriting.matchList(name))),
    ...(rewriting === config ? [] : listCuts([config.matchList('mydestination')])),
    // Of these only a failure counts here, and a table of regular expressions does not fail at some keys.
    ...transportCuts(config).filter(({ notEnumerable }) => notEnumerable === undefined),
  ];
}

/** The keys that decide an address's transport. */
function transportCuts({ rewriting: config }: PostfixConfig): readonly Cut[] {
  return [...tableCuts(config.tables('transport_maps')), ...tableCuts(config.tables('relocated_maps'), true)];
}

/** The same with the keys of maps that are asked for addresses as canonical(5) and virtual(5) are. */
export function addressMapCuts(config: PostfixConfig, ...parameters: readonly string[]): readonly Cut[] {
  const maps = parameters.flatMap((name) => tableCuts(config.tables(name), true));
  return [...resolverCuts(config), ...transportCuts(config), ...maps];
}
