import type { LedgerState } from '../ledger/ledger-state.ts';
import type { Inventory } from '../settings/types.ts';
import type { Drift } from '../state/drift.ts';
import { followedNews } from './followed-places.ts';

/** Places outside the state that are followed: what they hold and the ledger does not know yet, and those that cannot be read. */
export function followedDrift(inventory: Inventory, ledger: LedgerState, now: Date): readonly Drift[] {
  const { events, failed } = followedNews(inventory, ledger, { names: undefined, all: false, due: true }, now);
  return [
    ...events.flatMap((event): Drift[] =>
      event.event !== 'followed'
        ? []
        : [
            {
              kind: 'unknown-certificate',
              path: event.source,
              message: `holds a certificate of "${event.holder}" that is not admitted yet (serial ${event.serial})`,
              hint: 'certrelay rotate --due admits it',
            },
          ],
    ),
    ...failed.map(
      ({ source, problem: { message, hint } }): Drift => ({
        ...{ kind: 'unreadable', path: source, message },
        hint: hint ?? 'its host goes on with what is admitted; "certrelay remove NAME --serial SERIAL" ends that',
      }),
    ),
  ];
}
