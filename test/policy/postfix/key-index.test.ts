import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldedHashOf, hashOf, readyKey } from '../../../src/lib/ready-key.ts';
import { KeyIndex } from '../../../src/policy/postfix/tables/key-index.ts';

/** The first of two equal keys wins, as in the index. */
function firstOf(entries: readonly (readonly [string, string])[]): Map<string, string> {
  const map = new Map<string, string>();
  for (const [key, value] of entries) if (!map.has(key)) map.set(key, value);
  return map;
}

function indexOf(entries: readonly (readonly [string, string])[]): KeyIndex {
  const index = new KeyIndex();
  for (const [key, value] of entries) index.add(key, value);
  return index;
}

describe('an index of keys', () => {
  it('answers as a map of texts', () => {
    const key = fc.oneof(fc.string({ maxLength: 3 }), fc.stringMatching(/^[ab]{0,4}$/), fc.string({ unit: 'binary' }));
    const entries = fc.array(fc.tuple(key, fc.string()), { maxLength: 100 });
    fc.assert(
      fc.property(entries, fc.array(key), (given, others) => {
        const map = firstOf(given);
        const index = indexOf(given);
        expect(index.keys).toEqual([...map.keys()]);
        expect(index.values).toEqual([...map.values()]);
        const asked = [...map.keys(), ...others];
        expect(asked.map((text) => index.find(text, hashOf(text)))).toEqual(asked.map((text) => map.get(text)));
        expect(asked.map((text) => index.has(text, hashOf(text)))).toEqual(asked.map((text) => map.has(text)));
        expect(index.hasEmpty).toBe([...map.values()].includes(''));
        expect([...map.keys()].filter((text) => !index.mayHave(hashOf(text)))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('says of each key whether it was new', () => {
    const index = new KeyIndex();
    expect([index.add('a', '1'), index.add('b', '2'), index.add('a', '3')]).toEqual([true, true, false]);
  });

  it('goes by the text, not by the hash alone', () => {
    const index = indexOf([['listed', 'x']]);
    expect(index.find('another', hashOf('listed'))).toBeUndefined();
    expect([index.mayHave(hashOf('listed')), index.mayHave(hashOf('another'))]).toEqual([true, false]);
  });

  it('holds any number of keys that have one hash', () => {
    const keys = colliding(9);
    expect(new Set(keys.map(hashOf)).size).toBe(1);
    expect(new Set(keys).size).toBe(512);
    const entries = keys.map((key, i) => [key, String(i)] as const);
    const index = indexOf([...entries, ...Array.from({ length: 5000 }, (_, i) => [`other ${i}`, 'x'] as const)]);
    expect(entries.filter(([key, value]) => index.find(key, hashOf(key)) !== value)).toEqual([]);
    expect(index.find('other 4999', hashOf('other 4999'))).toBe('x');
    expect(index.find('none', hashOf(keys[0] ?? ''))).toBeUndefined();
    expect(index.add(keys[500] ?? '', 'again')).toBe(false);
  });
});

describe('a key put in order', () => {
  it.each([
    ['aZ@.9', hashOf('az@.9')],
    ['[{`', hashOf('[{`')],
    ['', hashOf('')],
    ['\u00c4', undefined],
    ['\u212a', undefined],
  ])('%s has the hash of its lower case, where it is ASCII', (text, expected) => {
    expect(foldedHashOf(text)).toBe(expected);
  });

  it('is what was given, and that in lower case with its hash', () => {
    expect(readyKey('AB:0F')).toEqual({ given: 'AB:0F', text: 'ab:0f', hash: hashOf('ab:0f') });
  });
});

/**
 * 2^`pairs` texts with one hash: from the state behind one pair of words that lead to the same state, another pair is
 * sought, and so on; every choice among the pairs makes a text.
 */
function colliding(pairs: number): readonly string[] {
  let state = 0x811c9dc5;
  let texts = [''];
  for (let pair = 0; pair < pairs; pair++) {
    const words = new Map<number, string>();
    for (let i = 0; ; i++) {
      const word = (Math.imul(i, 0x9e3779b1) >>> 0).toString(36).padStart(8, '0');
      const after = stateAfter(state, word);
      const other = words.get(after);
      words.set(after, word);
      if (other === undefined) continue;
      texts = texts.flatMap((text) => [text + other, text + word]);
      state = after;
      break;
    }
  }
  return texts;
}

/** What `hashOf` mixes in the end. */
function stateAfter(start: number, text: string): number {
  let state = start;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return state;
}
