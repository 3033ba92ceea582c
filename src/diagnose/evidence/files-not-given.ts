import { tokens } from '../../policy/postfix/tokens.ts';
import type { FileNotGiven, ServiceEvidence } from './evidence.ts';

/** The parameters that say which recipients are a server's own, and who its own clients are (postconf(5)). */
const parameters = [
  'mynetworks',
  'mydestination',
  'relay_domains',
  'virtual_alias_domains',
  'virtual_mailbox_domains',
  'virtual_alias_maps',
  'virtual_mailbox_maps',
  'relay_recipient_maps',
  'local_recipient_maps',
];

/** The files behind a server's own domains, recipients and networks that were not given, in the order of postconf(5). */
export function filesNotGiven({ config, sources }: ServiceEvidence): readonly FileNotGiven[] {
  const isThere = (path: string) => sources.tables?.[path] !== undefined || sources.otherTables?.(path) !== undefined;
  return parameters
    .filter((parameter) => config.isSet(parameter))
    .flatMap((parameter) =>
      tokens(config.get(parameter), config.version).flatMap((token) => {
        const path = /^!?(?:(?:proxy:)?(?:hash|btree|lmdb|cdb|s?dbm|texthash|cidr|pcre|regexp):)?(\/.+)$/.exec(
          token,
        )?.[1];
        return path === undefined || isThere(path) ? [] : [{ parameter, path }];
      }),
    );
}
