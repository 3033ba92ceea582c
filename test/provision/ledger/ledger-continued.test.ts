import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { foldLedger } from '../../../src/provision/ledger/fold-ledger.ts';
import type { LedgerState } from '../../../src/provision/ledger/ledger-state.ts';
import type { LedgerEvent } from '../../../src/provision/settings/types.ts';
import { issued } from '../settings/sample.ts';

const at = '2026-01-01T00:00:00.000Z';
const holders = ['a.example.com', 'b.example.com'];
const event: fc.Arbitrary<LedgerEvent> = fc
  .tuple(
    fc.constantFrom('issued', 'admitted', 'handed', 'deployed', 'retired', 'revoked', 'installed'),
    fc.constantFrom(...holders),
    fc.constantFrom('c1', 'c2', 'c3'),
  )
  .map(([kind, holder, serial]): LedgerEvent => {
    if (kind === 'issued') return issued(holder, serial);
    if (kind === 'installed') return { at, event: 'installed', holder };
    return { at, event: kind as 'admitted', holder, serial };
  });

/** Everything that a state says, functions left out. */
const said = (state: LedgerState): unknown => JSON.parse(JSON.stringify({ ...state, installed: [...state.installed] }));

describe('a state that is continued', () => {
  test.prop([fc.array(event, { maxLength: 20 }), fc.nat(20)])(
    'is that of all events, and stays as it was',
    (events, cut) => {
      const first = foldLedger(events.slice(0, cut));
      const before = said(first);
      expect(said(first.after(events.slice(cut)))).toEqual(said(foldLedger(events)));
      expect(said(first)).toEqual(before);
    },
  );
});
