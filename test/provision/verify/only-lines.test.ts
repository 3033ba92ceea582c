import { describe, expect, it } from 'vitest';
import { onlyLines } from '../../../src/provision/verify/step-change.ts';

const fingerprint = (number: number) =>
  `${'AB:'.repeat(18)}${(number >> 8).toString(16).padStart(2, '0')}:${(number & 255).toString(16).padStart(2, '0')}`.toUpperCase();
const numbers = Array.from({ length: 300 }, (_, number) => number);
const source = numbers
  .map((number) => `\n# ${fingerprint(number)} in a comment\n${fingerprint(number)} client${number}\n`)
  .join('');

describe('a map of some lines only', () => {
  it.each([0, 1, 2, 49, 50, 51, 300])('holds these and no other, in their order: %i of three hundred', (count) => {
    const wanted = new Set(numbers.slice(300 - count).map(fingerprint));
    const kept = numbers.slice(300 - count).map((number) => `${fingerprint(number)} client${number}\n`);
    expect(onlyLines(source, wanted)).toBe(kept.join(''));
  });

  it('finds a line in lower case, and no fingerprint that only begins with one', () => {
    const [one] = [fingerprint(7)];
    const map = `${one.toLowerCase()} client7\n${one}:CD other\n`;
    expect(onlyLines(map, new Set([one]))).toBe(`${one.toLowerCase()} client7\n`);
  });
});
