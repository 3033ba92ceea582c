import type { PostfixConfig } from '../../policy/postfix/config.ts';
import { tokens } from '../../policy/postfix/tokens.ts';
import { atLeast } from '../../policy/postfix/version.ts';
import { restrictionsOf } from '../../policy/smtpd/restrictions/index.ts';

/** One element of a restriction list, read as the server reads it but not run. */
export interface Element {
  readonly list: string;
  readonly index: number;
  /** As written. */
  readonly written: string;
  /** Lower case. */
  readonly name: string;
  readonly argument?: string;
  /** warn_if_reject stands before it. */
  readonly warnsOnly: boolean;
}

/** The restriction lists, in the order of the commands they judge. */
export const restrictionLists = [
  'smtpd_client_restrictions',
  'smtpd_helo_restrictions',
  'smtpd_sender_restrictions',
  'smtpd_relay_restrictions',
  'smtpd_recipient_restrictions',
  'smtpd_data_restrictions',
  'smtpd_end_of_data_restrictions',
  'smtpd_etrn_restrictions',
] as const;

/** The lists that decide whether a remote recipient is taken. */
export function relayLists(config: PostfixConfig): readonly string[] {
  return atLeast(config.version, '2.10')
    ? ['smtpd_relay_restrictions', 'smtpd_recipient_restrictions']
    : ['smtpd_recipient_restrictions'];
}

/** The elements of a list or restriction class; arguments belong to their restriction. */
export function elementsOf(config: PostfixConfig, list: string): readonly Element[] {
  const rows = restrictionsOf(config.version);
  const words = tokens(config.get(list), config.version);
  const elements: Element[] = [];
  let warnsOnly = false;
  for (let at = 0, index = 0; at < words.length; index++) {
    const written = words[at] ?? '';
    const name = written.toLowerCase();
    const argument = rows.get(name)?.takes === undefined ? undefined : words[at + 1];
    at += argument === undefined ? 1 : 2;
    if (name !== 'warn_if_reject') {
      elements.push({ list, index, written, name, warnsOnly, ...(argument === undefined ? {} : { argument }) });
    }
    warnsOnly = name === 'warn_if_reject';
  }
  return elements;
}

/** The same with the elements of restriction classes in the place of their names. */
export function flatElements(config: PostfixConfig, list: string): readonly Element[] {
  const classes = new Set(tokens(config.get('smtpd_restriction_classes'), config.version));
  const within = new Set<string>();
  const spread = (name: string): readonly Element[] =>
    elementsOf(config, name).flatMap((element) => {
      if (!classes.has(element.written) || within.has(element.written)) return [element];
      within.add(element.written);
      const members = spread(element.written);
      within.delete(element.written);
      return members;
    });
  return spread(list);
}

/** True for the permits that a client certificate can meet. */
export function isCertificatePermit({ name }: Element): boolean {
  return name === 'permit_tls_clientcerts' || name === 'permit_tls_all_clientcerts';
}

/** Every certificate permit of a service, in any list. */
export function certificatePermits(config: PostfixConfig): readonly Element[] {
  return restrictionLists.flatMap((list) => flatElements(config, list)).filter(isCertificatePermit);
}
