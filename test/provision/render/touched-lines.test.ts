import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { foldLedger } from '../../../src/provision/ledger/fold-ledger.ts';
import type { RenderInput } from '../../../src/provision/render/input.ts';
import { mapEntries } from '../../../src/provision/render/relay-clientcerts.ts';
import { touchedLines } from '../../../src/provision/render/touched-lines.ts';
import type { LedgerEvent } from '../../../src/provision/settings/types.ts';
import { happened, inventory, issued } from '../settings/sample.ts';

const clients = ['a', 'b', 'c', 'd'].map((name) => ({ name: `${name}.example.com` }));
const wanted = { ...inventory, clients };
/** Two certificates each; the last two hosts share a key. */
const all = clients.flatMap(({ name }, host) =>
  [1, 2].map((which) => {
    const event = issued(name, `${host}${which}`);
    return host < 2 ? event : { ...event, publicKeyFingerprint: issued('', 'shared').publicKeyFingerprint };
  }),
);
const moments = fc.array(
  fc.tuple(fc.constantFrom('admitted', 'deployed', 'retired', 'revoked'), fc.nat(all.length - 1)),
  { maxLength: 12 },
);
const eventsOf = (given: readonly (readonly [string, number])[]) => {
  const begun = new Set<number>();
  return given.flatMap(([moment, which]): LedgerEvent[] => {
    const one = all[which];
    // Only what is admitted at its beginning, so that no event contradicts another.
    if (one === undefined || (moment === 'admitted' && begun.has(which))) return [];
    begun.add(which);
    return [happened(moment as 'admitted', one.holder, one.serial)];
  });
};

describe('the lines of the maps by which two states differ', () => {
  test.prop([moments, moments, fc.subarray(clients)])('are all of them', (first, second, kept) => {
    const ledger = foldLedger([...all, ...eventsOf(first)]);
    const before: RenderInput = { inventory: wanted, ledger };
    const after: RenderInput = { inventory: { ...wanted, clients: kept }, ledger: ledger.after(eventsOf(second)) };
    const only = touchedLines(before, after);
    if (only === undefined) throw new Error('a few certificates are always told');
    const outside = (input: RenderInput) => mapEntries(input).filter(({ fingerprint }) => !only.has(fingerprint));
    expect(outside(after)).toEqual(outside(before));
    const within = mapEntries(before).filter(({ fingerprint }) => only.has(fingerprint));
    expect(mapEntries({ ...before, only })).toEqual(within);
  });

  it('are none where nothing happened, and those of one certificate where it was admitted', () => {
    const ledger = foldLedger(all);
    const before = { inventory: wanted, ledger };
    expect(touchedLines(before, { inventory: { ...wanted }, ledger })?.size).toBe(0);
    const after = { inventory: wanted, ledger: ledger.after([happened('admitted', 'a.example.com', '01')]) };
    const { fingerprint, publicKeyFingerprint } = issued('', '01');
    expect(touchedLines(before, after)).toEqual(
      new Set([...Object.values(fingerprint), ...Object.values(publicKeyFingerprint)]),
    );
  });

  it('are not told apart where more than certificates differs', () => {
    const ledger = foldLedger(all);
    const before = { inventory: wanted, ledger };
    const settings = { ...wanted.settings, pin: 'certificate' as const };
    expect(touchedLines(before, { inventory: { ...wanted, settings }, ledger })).toBeUndefined();
    const at = '2026-05-02T00:00:00Z';
    const { sha256: fingerprint } = issued('', 'other').fingerprint;
    for (const event of [
      { at, event: 'listed', holder: 'old', fingerprint, comments: [] },
      { at, event: 'kept', text: 'nobody' },
      { at, event: 'digest', moment: 'admitted', from: 'sha256', to: 'sha512', overlap: 0 },
    ] as const) {
      expect(touchedLines(before, { inventory: wanted, ledger: ledger.after([event]) })).toBeUndefined();
    }
    const crowd = Array.from({ length: 101 }, (_, i) => issued('a.example.com', `c${i}`));
    expect(touchedLines(before, { inventory: wanted, ledger: ledger.after(crowd) })).toBeUndefined();
  });
});
