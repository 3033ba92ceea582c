import type { PostfixConfig } from '../../postfix/config.ts';
import { atLeast } from '../../postfix/version.ts';
import { externalForm } from './quote.ts';

/** A lookup key; only full keys are asked of pattern tables. */
export interface Key {
  readonly text: string;
  readonly full: boolean;
}

/** Local parts that are never split, whatever the delimiter. */
const whole = new Set(['postmaster', 'mailer-daemon', 'double-bounce']);

/**
 * The local part without its extension, or undefined when it has none (recipient_delimiter). Up to 2.10 only the
 * first character of the delimiter counts.
 */
export function withoutExtension(local: string, config: PostfixConfig): string | undefined {
  const delimiter = config.get('recipient_delimiter');
  const set = atLeast(config.version, '2.11') ? delimiter : delimiter.slice(0, 1);
  if (set === '') return undefined;
  const lower = local.toLowerCase();
  if (whole.has(lower)) return undefined;
  if (set.includes('-') && config.boolean('owner_request_special')) {
    if (lower.startsWith('owner-') || lower.endsWith('-request')) return undefined;
  }
  for (let i = 1; i < local.length; i++) {
    if (set.includes(local.charAt(i))) return local.slice(0, i);
  }
  return undefined;
}

/** Splits at the last `@`. */
export function split(address: string): { readonly local: string; readonly domain: string } {
  const at = address.lastIndexOf('@');
  return at < 0 ? { local: address, domain: '' } : { local: address.slice(0, at), domain: address.slice(at + 1) };
}

/**
 * The keys under which an address stands in canonical, virtual, local recipient and similar maps:
 * `user+ext@domain`, `user@domain`, then for the server's own domains `user+ext`, `user`, then `@domain`.
 * From 3.2 on a local part that needs quoting is tried quoted first.
 */
export function addressKeys(
  address: string,
  settings: { readonly config: PostfixConfig; readonly bare: boolean },
): Key[] {
  const { local, domain } = split(address);
  const base = withoutExtension(local, settings.config);
  const keys: Key[] = [];
  const add = (text: string): void => {
    const full = keys.length === 0;
    if (atLeast(settings.config.version, '3.2')) {
      const quoted = externalForm(text);
      if (quoted !== text) keys.push({ text: quoted, full });
    }
    keys.push({ text, full });
  };
  add(address);
  if (base !== undefined) add(`${base}@${domain}`);
  if (settings.bare) {
    add(local);
    if (base !== undefined) add(base);
  }
  keys.push({ text: `@${domain}`, full: false });
  return keys;
}
