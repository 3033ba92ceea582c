import type { PostfixConfig } from '../postfix/config.ts';
import { tokens } from '../postfix/tokens.ts';
import { atLeast } from '../postfix/version.ts';

const oldest = ['check_relay_domains', 'reject_unauth_destination', 'reject', 'defer', 'defer_if_permit'];

/**
 * The log line with which the server dies while starting, because no list protects it from relaying for everyone;
 * undefined when one does. A list's words are searched by name: arguments are never looked into, and what
 * warn_if_reject covers does not count.
 */
export function unprotected(config: PostfixConfig): string | undefined {
  const modern = atLeast(config.version, '2.10');
  const accepted = new Set(modern ? [...oldest, 'defer_unauth_destination'] : oldest);
  const classes = new Set(tokens(config.get('smtpd_restriction_classes'), config.version));
  const searched = new Set<string>();
  const protects = (list: string): boolean => {
    const words = tokens(config.get(list), config.version);
    for (let i = 0; i < words.length; i++) {
      const word = words[i] ?? '';
      const name = modern ? word.toLowerCase() : word;
      if (name === 'warn_if_reject') i += 1;
      else if (modern && name === 'permit') return false;
      else if (accepted.has(name)) return true;
      else if (classes.has(word) && !searched.has(word)) {
        searched.add(word);
        if (protects(word)) return true;
      }
    }
    return false;
  };
  if (protects('smtpd_recipient_restrictions') || (modern && protects('smtpd_relay_restrictions'))) return undefined;
  return modern
    ? 'fatal: in parameter smtpd_relay_restrictions or smtpd_recipient_restrictions, specify at least one working instance of: ' +
        'reject_unauth_destination, defer_unauth_destination, reject, defer, defer_if_permit or check_relay_domains'
    : 'fatal: parameter "smtpd_recipient_restrictions": specify at least one working instance of: ' +
        'check_relay_domains, reject_unauth_destination, reject, defer or defer_if_permit';
}

/** The log line for a restriction class without a definition; undefined when all have one. */
export function undefinedClass(config: PostfixConfig): string | undefined {
  for (const name of tokens(config.get('smtpd_restriction_classes'), config.version)) {
    if (config.get(name) === '') return `fatal: restriction class \`${name}' needs a definition`;
  }
  return undefined;
}
