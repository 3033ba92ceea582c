import { usage } from '../../lib/problem.ts';
import { isBefore } from '../settings/postfix-version.ts';
import type { Assignment } from './view.ts';

export interface ClientRoute {
  readonly set: readonly Assignment[];
  readonly reason: readonly string[];
}

/** A next hop as relayhost writes it; the TLS policy table must have the very same text as its key. */
export function nexthopOf(server: string, port: string): string {
  // Brackets turn MX lookups off: the name that is pinned is the name that is connected to.
  return `[${server}]:${port}`;
}

/** The way to the servers: a list from 3.5 on, before that the first with the others to fall back to. */
export function clientRoute(version: string, nexthops: readonly string[]): ClientRoute {
  const [first, ...others] = nexthops;
  if (first === undefined) {
    throw usage('no-server', 'there is no server to relay through', 'name one with --server');
  }
  if (others.length === 0)
    return {
      set: [{ name: 'relayhost', value: first }],
      reason: ['All mail goes to the relay server, by its name and not by MX.'],
    };
  if (!isBefore(version, '3.5')) {
    return {
      set: [{ name: 'relayhost', value: nexthops.join(', ') }],
      reason: ['All mail goes to a relay server: the first that answers, in this order.'],
    };
  }
  return {
    set: [
      { name: 'relayhost', value: first },
      { name: 'smtp_fallback_relay', value: others.join(', ') },
    ],
    reason: ['All mail goes to the first relay server; the others take it when that is down.'],
  };
}
