import type { Cut } from '../../postfix/cut.ts';
import { domainOfKey, isOrdinaryName } from './name-tree.ts';

/** What a key of a table is about, among mail addresses. */
export type MailboxKey =
  /** One address. */
  | { readonly kind: 'address'; readonly local: string; readonly domain: string }
  /** A local part in any domain (`user@`), or in the server's own domains (`user`). */
  | { readonly kind: 'local'; readonly local: string; readonly everywhere: boolean }
  /** A domain with what is below it (`example.org`, `.example.org`), or by itself (`@example.org`). */
  | { readonly kind: 'domain'; readonly domain: string; readonly alone: boolean };

const ordinaryLocal = /^[a-z0-9_=+][a-z0-9_=+-]*(?:\.[a-z0-9_=+-]+)*$/;

/** Whether an atom may stand for the local part: no quotes, no routing operators, lower case. */
export function isOrdinaryLocal(local: string): boolean {
  return ordinaryLocal.test(local);
}

/** Reads a key; undefined for one that no ordinary address is found by. */
export function readMailboxKey(text: string, { locals }: Cut): MailboxKey | undefined {
  const key = text.toLowerCase();
  const at = key.lastIndexOf('@');
  if (at < 0) {
    if (locals === true) return isOrdinaryLocal(key) ? { kind: 'local', local: key, everywhere: false } : undefined;
    const domain = key.startsWith('[') ? key : domainOfKey(key);
    return domain === undefined ? undefined : { kind: 'domain', domain, alone: key.startsWith('[') };
  }
  const local = key.slice(0, at);
  const domain = key.slice(at + 1);
  if (local === '') return isDomain(domain) ? { kind: 'domain', domain, alone: true } : undefined;
  if (!isOrdinaryLocal(local)) return undefined;
  if (domain === '') return { kind: 'local', local, everywhere: true };
  return isDomain(domain) ? { kind: 'address', local, domain } : undefined;
}

function isDomain(domain: string): boolean {
  return domain.startsWith('[') || isOrdinaryName(domain);
}
