import { createHash } from 'node:crypto';
import { printEvents } from '../../provision/ledger/ledger.ts';
import type { LedgerEvent } from '../../provision/settings/types.ts';

/**
 * SHA-256, in hex, of the first so many events of a ledger, each as certrelay writes it: by it a publisher tells whether
 * what was published before is where its own ledger comes from.
 */
export function ledgerDigest(events: readonly LedgerEvent[], count: number): string {
  const hash = createHash('sha256');
  for (const event of events.slice(0, count)) hash.update(printEvents([event]));
  return hash.digest('hex');
}
