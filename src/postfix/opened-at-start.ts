import type { PostfixConfig, Table } from './config.ts';
import type { PatternList } from './patterns.ts';
import { tokens } from './tokens.ts';

/** Match lists smtpd(8) makes while it starts, in its order. */
const matchLists = [
  'smtpd_client_event_limit_exceptions',
  'mynetworks',
  'permit_mx_backup_networks',
  'mydestination',
  'relay_domains',
] as const;

/** Map parameters whose tables smtpd(8) opens while it starts. */
const maps = [
  'local_recipient_maps',
  'recipient_canonical_maps',
  'canonical_maps',
  'virtual_alias_maps',
  'virtual_mailbox_maps',
  'relay_recipient_maps',
  'relay_clientcerts',
  'smtpd_sender_login_maps',
] as const;

/** Restriction lists, whose tables are opened while the lists are parsed, whether they ever run or not. */
const restrictionLists = [
  'smtpd_client_restrictions',
  'smtpd_helo_restrictions',
  'smtpd_sender_restrictions',
  'smtpd_relay_restrictions',
  'smtpd_recipient_restrictions',
  'smtpd_etrn_restrictions',
  'smtpd_data_restrictions',
  'smtpd_end_of_data_restrictions',
] as const;

/** What opens tables and lists; a configuration does. */
export interface Opener extends Pick<PostfixConfig, 'get' | 'table' | 'tables' | 'version'> {
  matchList(name: string): PatternList;
}

/** The line with which smtpd(8) dies while it opens its tables and lists, if it does. */
export function openFailure(config: Opener): string | undefined {
  for (const name of matchLists) {
    const { fatal } = config.matchList(name);
    if (fatal !== undefined) return fatal;
  }
  for (const name of maps) {
    const fatal = firstFatal(config.tables(name));
    if (fatal !== undefined) return fatal;
  }
  const classes = tokens(config.get('smtpd_restriction_classes'), config.version);
  for (const name of [...classes, ...restrictionLists]) {
    const fatal = firstFatal(tablesOfRestrictions(config, name));
    if (fatal !== undefined) return fatal;
  }
  return undefined;
}

function firstFatal(tables: Iterable<Table>): string | undefined {
  for (const table of tables) if (table.fatal !== undefined) return table.fatal;
  return undefined;
}

/** Every word with a colon is opened, but for the argument of check_policy_service and what stands in braces. */
function* tablesOfRestrictions(config: Opener, name: string): Iterable<Table> {
  let before = '';
  for (const word of tokens(config.get(name), config.version)) {
    if (before.toLowerCase() !== 'check_policy_service' && word.includes(':') && !word.startsWith('{')) {
      yield config.table(word);
    }
    before = word;
  }
}
