import type { PostfixConfig, Table } from '../../postfix/config.ts';
import { knownParameters } from '../../postfix/parameters.ts';
import { tokens } from '../../postfix/tokens.ts';
import { readPolicyService } from '../lists/policy-service.ts';
import type { Stage } from '../lists/scope.ts';
import { certificateTable } from '../restrictions/search-order.ts';

/** The maps that the server opens while it starts, beside the tables in restriction lists (smtpd(8)). */
const maps = [
  'relay_clientcerts',
  'smtpd_sender_login_maps',
  'local_recipient_maps',
  'virtual_alias_maps',
  'virtual_mailbox_maps',
  'relay_recipient_maps',
  'canonical_maps',
  'recipient_canonical_maps',
  'sender_canonical_maps',
  'rbl_reply_maps',
  'smtpd_reject_footer_maps',
  'smtpd_reject_filter_maps',
];

const stages: readonly Stage[] = ['client', 'helo', 'sender', 'relay', 'recipient', 'etrn', 'data', 'end_of_data'];

/** What a server that starts dies of, or waits for: proxymap(8), which dies of a table that it opens for the server. */
export interface TableDeath {
  readonly program: 'smtpd' | 'proxymap';
  /** The last line of the log, without the word "fatal". */
  readonly fatal: string;
}

/**
 * The first table with which the server does not start; undefined when all can be opened, or at least be missed. Every
 * word with a colon in a list is opened, and every policy service registered, whether or not evaluation gets there.
 */
export function fatalTable(config: PostfixConfig): TableDeath | undefined {
  const lists = [
    ...stages.map((stage) => `smtpd_${stage}_restrictions`).filter((name) => knownParameters(config.version).has(name)),
    ...tokens(config.get('smtpd_restriction_classes'), config.version),
  ];
  for (const list of lists) {
    let before = '';
    for (const word of tokens(config.get(list), config.version)) {
      const death = wordFailure(config, before, word);
      if (death !== undefined) return death;
      // What follows the argument of a policy service is none.
      before = before === policyService ? '' : word.toLowerCase();
    }
  }
  for (const name of maps) {
    if (!knownParameters(config.version).has(name)) continue;
    for (const table of config.tables(name)) if (table.fatal !== undefined) return deathOf(table);
  }
  return undefined;
}

function deathOf({ fatal, reader }: Table): TableDeath | undefined {
  return fatal === undefined ? undefined : { program: reader ?? 'smtpd', fatal };
}

const policyService = 'check_policy_service';

/** What the server dies of by a word in a list, and the word before it. */
function wordFailure(config: PostfixConfig, before: string, word: string): TableDeath | undefined {
  if (before === policyService) {
    const service = readPolicyService(word, config.version);
    return 'fatal' in service ? { program: 'smtpd', fatal: service.fatal } : undefined;
  }
  if (!word.includes(':')) return undefined;
  if (!word.startsWith('{')) return deathOf(config.table(word));
  // Braces mean something to one other restriction; elsewhere they are part of a table's name, which is no type.
  const table = before === 'check_ccert_access' ? certificateTable(word, config.version)?.table : undefined;
  return table === undefined ? undefined : deathOf(config.table(table));
}
