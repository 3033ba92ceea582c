import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { foldLedger } from '../../../src/provision/ledger/fold-ledger.ts';
import { readInventory } from '../../../src/provision/state/inventory-file.ts';
import { printInventory } from '../../../src/provision/state/inventory-text.ts';
import { readUsualInventory } from '../../../src/provision/state/store.ts';
import { happened, inventory, issued } from '../settings/sample.ts';

const events = [
  issued('certrelay authority of s.example.com', 'a1', 'authority'),
  issued('s.example.com', '51', 'server'),
  issued('c.example.com', 'c1'),
  issued('s.example.com', 'c2'),
  issued('c.example.com', 'c3'),
];
const file = 'inventory.json';
const text = printInventory(inventory, foldLedger(events));
const read = (given: string) => readUsualInventory(given, file, foldLedger(events));

describe('an inventory as the last run left it', () => {
  it('is read without being taken apart', () => {
    expect(read(text)).toEqual(readInventory(text, file));
    const alone = { ...inventory, clients: [] };
    expect(read(printInventory(alone, foldLedger(events)))).toBeUndefined();
  });

  test.prop([fc.nat(text.length - 1), fc.constantFrom('', 'x', '"', '\n', '0')])(
    'is no other by a single character, unless that is another inventory altogether',
    (at, character) => {
      const edited = text.slice(0, at) + character + text.slice(at + 1);
      const found = edited === text ? undefined : read(edited);
      // Who edits a setting means it: then it is read as that, and compared as such. What is known of clients is no setting.
      if (found !== undefined)
        expect([at < text.indexOf('"clients"'), found]).toEqual([true, readInventory(edited, file)]);
      expect(read(text.slice(0, at))).toBeUndefined();
      expect(read(`${text}${character}`) === undefined).toBe(character !== '');
    },
  );

  test.prop([
    fc.array(fc.constantFrom('admitted', 'retired', 'revoked' as const), { maxLength: 3 }),
    fc.constantFrom('c1', 'c3'),
  ])('is printed after more events as if it had never been read', (moments, serial) => {
    const more = moments
      .filter((moment, i) => moment !== 'admitted' || i === 0)
      .map((moment) => happened(moment, 'c.example.com', serial));
    const state = foldLedger(events);
    expect(readUsualInventory(text, file, state)).toBeDefined();
    expect(printInventory(inventory, state.after(more))).toBe(
      printInventory(inventory, foldLedger([...events, ...more])),
    );
    expect(printInventory(inventory, state)).toBe(text);
  });
});
