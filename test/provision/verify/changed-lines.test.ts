import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedLines } from '../../../src/provision/verify/difference.ts';

/** A fingerprint of its own for each number; neighbours differ in one digit only. */
const fingerprint = (number: number) =>
  Array.from({ length: 20 }, (_, index) => (index === 19 ? number.toString(16).padStart(2, '0') : '5A'))
    .join(':')
    .toUpperCase();

const mapOf = (numbers: readonly number[], padding: number) =>
  `# a map ${'x'.repeat(padding)}\n${numbers
    .map(
      (number) => `\n# client${number}: certificate, ${'-'.repeat(padding)}\n${fingerprint(number)} client${number}\n`,
    )
    .join('')}`;

describe('the lines that one of two maps lists', () => {
  const numbers = fc.uniqueArray(fc.nat(255), { maxLength: 60 }).map((list) => list.sort((a, b) => a - b));
  // With the padding a map is as long as several of the pieces in which the texts are compared.
  const paddings = fc.constantFrom(0, 1, 60, 500);

  it('are what is in one set and not in the other', () => {
    fc.assert(
      fc.property(numbers, numbers, paddings, (old, present, padding) => {
        const only = [
          ...old.filter((number) => !present.includes(number)),
          ...present.filter((number) => !old.includes(number)),
        ];
        const changed = changedLines(mapOf(old, padding), mapOf(present, padding));
        expect([...changed].sort()).toEqual(only.map(fingerprint).sort());
      }),
    );
  });

  it('are those of a step among many: one comes beside another, one goes, and nothing changes', () => {
    const many = Array.from({ length: 200 }, (_, number) => number);
    for (const one of [0, 1, 100, 198, 199]) {
      const without = many.filter((number) => number !== one);
      for (const padding of [0, 7, 300]) {
        const [whole, less] = [mapOf(many, padding), mapOf(without, padding)];
        expect([...changedLines(whole, less)]).toEqual([fingerprint(one)]);
        expect([...changedLines(less, whole)]).toEqual([fingerprint(one)]);
        expect(changedLines(whole, whole).size).toBe(0);
      }
    }
  });

  it('are all of them where there was no map, or an end of a line is missing', () => {
    expect([...changedLines('', mapOf([1, 2], 0))]).toEqual([1, 2].map(fingerprint));
    const cut = mapOf([1, 2], 0).slice(0, -1);
    expect(changedLines(cut, mapOf([1, 2], 0)).size).toBe(0);
    expect([...changedLines(cut, mapOf([1, 2, 3], 0))]).toEqual([fingerprint(3)]);
  });
});
