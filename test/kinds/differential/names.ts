import { parseAddress } from '../../../src/lib/ip.ts';
import type { Records, ScenarioSession } from './scenario.ts';

/**
 * The names of a session: what its scenario says, and the client's own names, which a session states as facts. A name
 * that is verified leads back to the address; one that is not leads nowhere.
 */
export function namesOf({ client }: ScenarioSession, dns: Records): Records {
  const world: Record<string, readonly string[] | string> = {};
  const { address, name, reverseName } = client;
  if (reverseName !== 'unknown') world[`${reverseOf(address)}/PTR`] = [reverseName];
  if (name !== 'unknown') world[`${name}/${address.includes(':') ? 'AAAA' : 'A'}`] = [address];
  return { ...world, ...dns };
}

/** The name below which the address's own name is found (RFC 1035, section 3.5; RFC 3596, section 2.5). */
export function reverseOf(address: string): string {
  const canonical = parseAddress(address)?.text ?? address;
  if (!canonical.includes(':')) return `${canonical.split('.').reverse().join('.')}.in-addr.arpa`;
  const [left = '', right = ''] = canonical.split('::');
  const groups = (half: string) => half.split(':').filter(Boolean);
  const missing = 8 - groups(left).length - groups(right).length;
  const all = [...groups(left), ...Array<string>(canonical.includes('::') ? missing : 0).fill('0'), ...groups(right)];
  const digits = all.map((group) => group.padStart(4, '0')).join('');
  return `${[...digits].reverse().join('.')}.ip6.arpa`;
}
