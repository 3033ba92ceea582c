import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { jsonErrorAt } from '../../src/lib/json-error.ts';

describe('where JSON stops', () => {
  it.each([
    ['{ "a": x }', 7],
    ['{"a":1,}', 7],
    ['{"a" 1}', 5],
    ['[1 2]', 3],
    ['[1,]', 3],
    ['{1:2}', 1],
    ['"a\nb"', 0],
    ['[]]', 2],
    ['1 2', 2],
    ['[}', 1],
    ['nul', 3],
    ['{"a": tr', 8],
    ['{"a', 3],
    ['{"a\\', 4],
    ['', 0],
    ['[01]', 2],
    ["{'a': 1}", 1],
  ])('%j at %i', (text, at) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(jsonErrorAt(text)).toBe(at);
  });

  test.prop([fc.json(), fc.nat()])('is the end of every text that is whole or cut', (text, cut) => {
    expect(jsonErrorAt(text)).toBe(text.length);
    const part = text.slice(0, cut % (text.length + 1));
    expect(jsonErrorAt(part)).toBe(part.length);
  });

  test.prop([fc.json(), fc.nat(), fc.constantFrom('{', '}', '[', ']', ',', ':', '"', 'x', '0', ' ')])(
    'is the end of whatever the real parser takes',
    (text, where, inserted) => {
      const at = where % (text.length + 1);
      const changed = text.slice(0, at) + inserted + text.slice(at);
      try {
        JSON.parse(changed);
      } catch {
        return;
      }
      expect(jsonErrorAt(changed)).toBe(changed.length);
    },
  );
});
