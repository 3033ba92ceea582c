import type { PostfixConfig } from '../../postfix/config.ts';
import { tokens } from '../../postfix/tokens.ts';
import { atLeast } from '../../postfix/version.ts';

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
  const within: string[] = [];
  // A class that leads back to itself has no end to search: the process runs out of stack, without a word.
  let endless: string | undefined;
  const protects = (list: string): boolean => {
    const words = tokens(config.get(list), config.version);
    for (let i = 0; i < words.length; i++) {
      const word = words[i] ?? '';
      const name = modern ? word.toLowerCase() : word;
      if (name === 'warn_if_reject') i += 1;
      else if (modern && name === 'permit') return false;
      else if (accepted.has(name)) return true;
      else if (classes.has(word)) {
        if (within.includes(word)) endless ??= word;
        if (endless !== undefined) return true;
        within.push(word);
        if (protects(word)) return true;
        within.pop();
      }
    }
    return false;
  };
  const safe = protects('smtpd_recipient_restrictions') || (modern && protects('smtpd_relay_restrictions'));
  if (endless !== undefined) return endlessClass(endless);
  if (safe) return undefined;
  return modern
    ? 'fatal: in parameter smtpd_relay_restrictions or smtpd_recipient_restrictions, specify at least one working instance of: ' +
        'reject_unauth_destination, defer_unauth_destination, reject, defer, defer_if_permit or check_relay_domains'
    : 'fatal: parameter "smtpd_recipient_restrictions": specify at least one working instance of: ' +
        'check_relay_domains, reject_unauth_destination, reject, defer or defer_if_permit';
}

/** What ends a process that goes round in a class; it logs nothing itself, and master(8) the signal. */
export function endlessClass(name: string): string {
  return `fatal: restriction class "${name}" contains itself: the process runs out of stack (signal 11)`;
}

/** The log line for a restriction class without a definition; undefined when all have one. */
export function undefinedClass(config: PostfixConfig): string | undefined {
  for (const name of tokens(config.get('smtpd_restriction_classes'), config.version)) {
    if (config.get(name) === '') return `fatal: restriction class \`${name}' needs a definition`;
  }
  return undefined;
}
