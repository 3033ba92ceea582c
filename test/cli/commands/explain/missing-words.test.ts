import { expect, it } from 'vitest';
import { fewOf } from '../../../../src/report/explain/explain-words.ts';

it('names the first of what is missing, and says how many more there are', () => {
  expect(fewOf(['a', 'b', 'c'])).toBe('a, b, c');
  expect(fewOf(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more');
});
