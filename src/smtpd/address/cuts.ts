import type { PostfixConfig } from '../../postfix/config.ts';
import { allCuts, type Cut, listCuts, tableCuts } from '../../postfix/cut.ts';

/**
 * The keys that decide how an address is resolved: its class, its transport, whether it has moved. Every question about a
 * sender or recipient can tell these apart.
 */
export function resolverCuts(config: PostfixConfig): readonly Cut[] | undefined {
  const lists = ['mydestination', 'virtual_alias_domains', 'virtual_mailbox_domains', 'relay_domains'];
  return allCuts(
    [{ keys: [config.get('myorigin'), config.get('myhostname'), config.get('mydomain')].map((name) => `@${name}`) }],
    listCuts(lists.map((name) => config.matchList(name))),
    tableCuts(config.tables('transport_maps')),
    tableCuts(config.tables('relocated_maps'), true),
  );
}

/** The keys of maps that are asked for addresses as canonical(5) and virtual(5) are. */
export function addressMapCuts(config: PostfixConfig, ...parameters: readonly string[]): readonly Cut[] | undefined {
  return allCuts(resolverCuts(config), ...parameters.map((name) => tableCuts(config.tables(name), true)));
}
