import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readEvent } from '../../../src/provision/ledger/ledger-event.ts';
import { readUsual } from '../../../src/provision/ledger/ledger-line.ts';
import type { LedgerEvent } from '../../../src/provision/settings/types.ts';

const hex = (bytes: number, pair: string) => Array.from({ length: bytes }, () => pair).join(':');
const set = (pair: string) => ({
  ...{ sha1: hex(20, pair), sha256: hex(32, pair) },
  ...{ sha384: hex(48, pair), sha512: hex(64, pair) },
});
const issued = {
  ...{ at: '2026-01-02T03:04:05.678Z', event: 'issued', role: 'client', holder: 'a.example.com', serial: '0a1b' },
  ...{ notBefore: '2026-01-02T03:00:00Z', notAfter: '2027-01-02T03:00:00Z', keyType: 'ec-p256' },
  ...{ fingerprint: set('AB'), publicKeyFingerprint: set('12'), certificate: 'MIIB+/==' },
} as const satisfies LedgerEvent;
const admitted = { at: issued.at, event: 'admitted', holder: issued.holder, serial: issued.serial } as const;
const usual: readonly LedgerEvent[] = [
  issued,
  { ...issued, overlap: 1_209_600 },
  { ...issued, role: 'authority', holder: 'the authority of Zürich', keyType: 'rsa-4096' },
  admitted,
  { ...admitted, event: 'revoked' },
];

describe('a usual line', () => {
  test.each(usual.map((event) => [event.event, event] as const))('%s is read as it was written', (_, event) => {
    expect(readUsual(JSON.stringify(event))).toEqual(event);
    // In another order of fields it is not usual, and says the same.
    const turned = JSON.stringify(Object.fromEntries(Object.entries(event).reverse()));
    expect(readUsual(turned)).toBeUndefined();
    expect(readEvent(turned)).toEqual(event);
  });

  test('whatever is wrong with one is found as in any other', () => {
    const spoilt: readonly (readonly [string, string])[] = [
      [JSON.stringify({ ...issued, serial: '0A1B' }), 'the field "serial" is missing or wrong'],
      [JSON.stringify({ ...issued, notAfter: '2027-13-02T03:00:00Z' }), 'the field "notAfter" is missing or wrong'],
      [JSON.stringify({ ...issued, at: 'yesterday' }), 'the field "at" is missing or wrong'],
      [JSON.stringify({ ...issued, keyType: 'dsa' }), 'the field "keyType" is missing or wrong'],
      [JSON.stringify({ ...issued, certificate: 'MIIB-' }), 'the field "certificate" is missing or wrong'],
      [
        JSON.stringify({ ...issued, fingerprint: { ...set('AB'), sha256: hex(31, 'AB') } }),
        'the field "fingerprint.sha256" is missing or wrong',
      ],
      [JSON.stringify({ ...admitted, at: '2026-99-02T03:04:05Z' }), 'the field "at" is missing or wrong'],
      [`${JSON.stringify(admitted)}x`, 'the line is not a JSON object'],
      [JSON.stringify(issued).slice(0, -1), 'the line is not a JSON object'],
    ];
    for (const [line, message] of spoilt) expect([line, readEvent(line)]).toEqual([line, message]);
  });

  test('a name with an escaped character is read by the other way', () => {
    const event = { ...admitted, holder: 'a "name" \\ of \u0001' };
    expect(readUsual(JSON.stringify(event))).toBeUndefined();
    expect(readEvent(JSON.stringify(event))).toEqual(event);
  });

  test('with any one character changed, it is no usual line or means what parsing it as JSON gives', () => {
    const lines = usual.map((event) => JSON.stringify(event));
    const changed = fc
      .tuple(fc.constantFrom(...lines), fc.nat(), fc.constantFrom('', ...'0aAzZ9:"\\,{}=+/. -é\u0000'), fc.boolean())
      .map(([line, place, character, isAdded]) => {
        const at = place % line.length;
        return line.slice(0, at) + character + line.slice(isAdded ? at : at + 1);
      });
    fc.assert(
      fc.property(changed, (line) => {
        const read = readUsual(line);
        if (read !== undefined) expect(read).toEqual(readEvent(line));
      }),
      { numRuns: 5000 },
    );
  });
});
