import { usage } from '../../lib/problem.ts';
import type { LedgerState } from '../ledger/ledger-state.ts';
import { digestOf, isListed } from '../ledger/listed-lines.ts';
import { standardOverlap } from '../ledger/renewal.ts';
import type { Inventory, LedgerEvent } from '../settings/types.ts';
import type { RotateRequest } from './rotate-request.ts';

/**
 * The beginning of an exchange of the maps' digest; nothing when it is in force already, or the exchange is under way.
 * @throws CertrelayError (usage) when another exchange is under way, and when lines of an earlier map have no certificate
 * from which the fingerprint in the new digest could be worked out.
 */
export function digestBegins(
  { digest, overlap = standardOverlap }: RotateRequest,
  { settings }: Inventory,
  { digestExchange, listed }: LedgerState,
  now: Date,
): readonly LedgerEvent[] {
  if (digest === undefined) return [];
  const open = digestExchange?.retired === undefined ? digestExchange : undefined;
  if (open !== undefined) {
    if (open.to === digest) return [];
    throw usage(
      'digest-under-way',
      `the maps are on their way from ${open.from} to ${open.to}`,
      `finish that first: "certrelay rotate --digest ${open.to}" says what it waits for`,
    );
  }
  if (digest === settings.digest) return [];
  const lost = listed.filter((line) => isListed(line) && digestOf(line.fingerprint) !== digest);
  if (lost.length > 0) {
    throw usage(
      'digest-listed',
      `${lost.length} ${lost.length === 1 ? 'line' : 'lines'} of an earlier map would no longer let anybody in: only the ${settings.digest} fingerprint is known`,
      'add the certificates behind them with "certrelay add NAME --cert FILE" and take the lines out first',
    );
  }
  return [{ at: now.toISOString(), event: 'digest', moment: 'admitted', from: settings.digest, to: digest, overlap }];
}
