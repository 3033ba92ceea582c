import type { PostfixConfig } from '../../policy/postfix/config.ts';
import { tokens } from '../../policy/postfix/tokens.ts';
import { atLeast } from '../../policy/postfix/version.ts';
import { overrideOf, setTo } from '../configuration/edit.ts';
import { type Element, elementsOf, flatElements, restrictionLists } from '../configuration/elements.ts';
import type { ServiceEvidence } from '../evidence/evidence.ts';
import type { FindingRow, Occurrence } from './finding.ts';
import { at, perService } from './per-service.ts';

const clients = ['relay_clientcerts'];
const logins = ['smtpd_sender_login_maps'];
const domains = ['mydestination', 'relay_domains', 'virtual_alias_domains', 'virtual_mailbox_domains'];
const addresses = [
  ...['local_recipient_maps', 'relay_recipient_maps', 'virtual_mailbox_maps', 'virtual_alias_maps'],
  ...['canonical_maps', 'recipient_canonical_maps'],
];

/**
 * What restrictions look up that ends the list when it fails. An access table of their own does not: its failure is a
 * refusal like any other, and warned about alone.
 */
const lookedUp: Readonly<Record<string, readonly string[]>> = {
  permit_tls_clientcerts: clients,
  permit_tls_all_clientcerts: clients,
  reject_sender_login_mismatch: logins,
  reject_authenticated_sender_login_mismatch: logins,
  reject_unauthenticated_sender_login_mismatch: logins,
  reject_known_sender_login_mismatch: logins,
  permit_mynetworks: ['mynetworks'],
  permit_auth_destination: domains,
  reject_unauth_destination: domains,
  defer_unauth_destination: domains,
  check_relay_domains: domains,
  permit_mx_backup: [...domains, 'permit_mx_backup_networks'],
  reject_unlisted_recipient: addresses,
  check_recipient_maps: addresses,
  reject_unlisted_sender: addresses,
};

/** Tables that are a part of the configuration, and always answer. */
const infallible = /^(?:static|inline|internal|environ):/;

/** The first table that an element, or a member of the class that it names, looks up and that can fail. */
function fallibleTable(config: PostfixConfig, { written, name }: Element, isClass: boolean): string | undefined {
  const names = isClass ? flatElements(config, written).map((member) => member.name) : [name];
  return names
    .flatMap((each) => lookedUp[each] ?? [])
    .flatMap((parameter) => tokens(config.get(parameter), config.version))
    .map((word) => word.replace(/^!+/, ''))
    .find((word) => /^[a-z]\w*:/.test(word) && !infallible.test(word));
}

/** What is only logged behind a list once a lookup in it has failed; undefined where nothing is. */
function onlyLogged(config: PostfixConfig, list: string): string | undefined {
  if (list === 'smtpd_relay_restrictions') return 'smtpd_recipient_restrictions refuses nothing';
  for (const party of ['sender', 'recipient'])
    if (list === `smtpd_${party}_restrictions` && config.boolean(`smtpd_reject_unlisted_${party}`))
      return `unlisted ${party}s are accepted`;
  return undefined;
}

function occurrences(service: ServiceEvidence, list: string): readonly Occurrence[] {
  const { config } = service;
  const classes = new Set(tokens(config.get('smtpd_restriction_classes'), config.version));
  const within = new Set<string>();
  const search = (own: string): readonly Occurrence[] => {
    if (within.has(own)) return [];
    within.add(own);
    const elements = elementsOf(config, own);
    return elements.flatMap((element) => {
      const isClass = classes.has(element.written);
      if (!element.warnsOnly) return isClass ? search(element.written) : [];
      const table = fallibleTable(config, element, isClass);
      const skipped = element !== elements.at(-1) || own !== list ? [`the rest of ${list} is skipped`] : [];
      const effects = [...skipped, ...[onlyLogged(config, list) ?? []].flat()];
      if (table === undefined || effects.length === 0) return [];
      const { written } = element;
      const escaped = written.replace(/\W/g, '\\$&');
      const bare = config.raw(own).replace(new RegExp(`warn_if_reject[\\s,]+(?=${escaped}(?:[\\s,]|$))`, 'gi'), '');
      return {
        parameter: own,
        message: `while ${table} cannot be read, "warn_if_reject ${written}" permits: ${effects.join(', and ')}`,
        why: 'up to Postfix 3.1 a lookup that fails under warn_if_reject ends the list with a permit, and the server goes on warning behind it; 3.2 does neither',
        repair: 'take out warn_if_reject, or upgrade to Postfix 3.2 or later',
        edits: [[setTo(own, bare, overrideOf(service, own))]],
      };
    });
  };
  return search(list);
}

/** A lookup under warn_if_reject on a release that permits when it fails. */
export const warnedLookup: FindingRow = {
  id: 'warned-lookup',
  severity: 'warning',
  title: 'a lookup that fails under warn_if_reject lets mail in',
  doc:
    'warn_if_reject is meant to try a restriction without refusing mail. Up to Postfix 3.1 a table that cannot be read makes ' +
    'a permit of it, and every refusal that follows, the whole recipient list behind the relay list, only a line of the log.',
  test: (evidence) =>
    perService(evidence, (server, service) => {
      const { version } = service.config;
      if (atLeast(version, '3.2')) return [];
      const lists = restrictionLists.filter((list) => !list.includes('relay') || atLeast(version, '2.10'));
      return lists
        .flatMap((list) => occurrences(service, list))
        .map((occurrence) => ({ ...occurrence, ...at(server, service, occurrence.parameter ?? '', 'warn_if_reject') }));
    }),
};
