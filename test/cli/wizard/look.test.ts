import { fc, it as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { wrapped } from '../../../src/cli/wizard/inquirer-asker.ts';
import { lookOf, wantsColour } from '../../../src/cli/wizard/theme.ts';

describe('colour', () => {
  it.each([
    [{}, undefined, true],
    [{ TERM: 'xterm-256color' }, true, true],
    [{ NO_COLOR: '' }, undefined, true],
    [{ NO_COLOR: '1' }, undefined, false],
    [{ TERM: 'dumb' }, undefined, false],
    [{}, false, false],
  ] as const)('with %j and the flag %j: %j', (env, flag, expected) => {
    expect(wantsColour(env, flag)).toBe(expected);
  });

  it('is in no style when it is not wanted', () => {
    const styles = (colour: boolean) =>
      JSON.stringify(lookOf(colour).theme, (_, value) => (typeof value === 'function' ? value('text') : value));
    expect(styles(true)).toContain('\\u001b');
    expect(styles(false)).not.toContain('\\u001b');
    expect(styles(false)).toContain('text');
  });
});

describe('wrapping', () => {
  it('breaks between words and keeps the indentation', () => {
    expect(wrapped('  one two three', 9)).toEqual(['  one two', '  three']);
  });

  it('leaves a line that fits as it is, columns and all', () => {
    expect(wrapped('  key   value', 20)).toEqual(['  key   value']);
  });

  it('keeps the columns of a line that does not fit, up to the margin', () => {
    expect(wrapped('  key   one two', 12)).toEqual(['  key   one', '  two']);
  });

  it('keeps a word that is too long whole', () => {
    expect(wrapped('a verylongword b', 5)).toEqual(['a', 'verylongword', 'b']);
  });

  const word = fc.string({ unit: fc.constantFrom('a', 'b', '-'), minLength: 1, maxLength: 12 });
  property.prop([fc.array(word, { maxLength: 20 }), fc.integer({ min: 12, max: 60 })])(
    'loses no word and passes no margin',
    (words, width) => {
      const lines = wrapped(words.join(' '), width);
      expect(lines.join(' ')).toBe(words.join(' '));
      expect(lines.every((line) => line.length <= width)).toBe(true);
    },
  );
});
