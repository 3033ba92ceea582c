import type { PostfixConfig } from '../postfix/config.ts';
import { tokens } from '../postfix/tokens.ts';
import { readPolicyService } from './policy-service.ts';
import type { Stage } from './scope.ts';

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

const none: { readonly fatal?: string } = {};

const stages: readonly Stage[] = ['client', 'helo', 'sender', 'relay', 'recipient', 'etrn', 'data', 'end_of_data'];

/**
 * The log line of a table with which the server does not start; undefined when all can be opened, or at least be
 * missed. Every word with a colon in a list is opened, and every policy service registered, whether or not evaluation
 * gets there.
 */
export function fatalTable(config: PostfixConfig): string | undefined {
  const lists = [
    ...stages.map((stage) => `smtpd_${stage}_restrictions`),
    ...tokens(config.get('smtpd_restriction_classes'), config.version),
  ];
  for (const list of lists) {
    let service = false;
    for (const word of tokens(config.get(list), config.version)) {
      const opened = word.includes(':') && !service && !word.startsWith('{');
      const registered = service ? readPolicyService(word, config.version) : undefined;
      service = !service && word.toLowerCase() === 'check_policy_service';
      const { fatal } = opened
        ? config.table(word)
        : registered !== undefined && 'fatal' in registered
          ? registered
          : none;
      if (fatal !== undefined) return `fatal: ${fatal}`;
    }
  }
  for (const name of maps) {
    for (const { fatal } of config.tables(name)) if (fatal !== undefined) return `fatal: ${fatal}`;
  }
  return undefined;
}
