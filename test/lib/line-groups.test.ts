import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lineGroups } from '../../src/lib/line-groups.ts';

async function* pieces(bytes: Buffer, cuts: readonly number[]): AsyncIterable<Buffer> {
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  for (let i = 0, start = 0; i < ends.length; start = ends[i++] ?? 0) yield bytes.subarray(start, ends[i]);
}

async function groups(text: string, cuts: readonly number[]): Promise<readonly (readonly string[])[]> {
  const found: (readonly string[])[] = [];
  for await (const group of lineGroups(pieces(Buffer.from(text), cuts))) found.push(group.map(String));
  return found;
}

it('finds the same lines however the bytes are cut', async () => {
  const text = fc.array(fc.constantFrom('\n', 'a', 'é', '😀', '\r', '\u2028', 'bc\n'), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat()), async (characters, cuts) => {
      const whole = characters.join('');
      const expected = whole.split('\n');
      if (expected.at(-1) === '') expected.pop();
      expect((await groups(whole, cuts)).flat()).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

it('hands over what a piece completes without waiting for the next', async () => {
  expect(await groups('one\ntwo\nthr', [])).toEqual([['one', 'two'], ['thr']]);
  expect(await groups('one\ntwo\nthree', [5])).toEqual([['one'], ['two'], ['three']]);
});
