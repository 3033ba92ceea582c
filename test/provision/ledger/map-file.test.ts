import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMapFile, readMapFile } from '../../../src/provision/ledger/map-file.ts';

const print = (octets: number, first = 0) =>
  Array.from({ length: octets }, (_, index) =>
    ((first + index) % 256).toString(16).padStart(2, '0').toUpperCase(),
  ).join(':');

describe('the source of a relay_clientcerts', () => {
  it('is told by its content', () => {
    expect(isMapFile(`# x\n${print(20)} c.example.com\n`)).toBe(true);
    expect(isMapFile(`${print(20).toLowerCase()}\tx`)).toBe(true);
    for (const text of [
      '',
      '# only a comment\n',
      `${print(20)}\n`,
      '-----BEGIN CERTIFICATE-----\n',
      `x${print(20)} y\n`,
      `${print(15)} z\n`,
    ]) {
      expect(isMapFile(text), text).toBe(false);
    }
  });

  it('gives comments to the line below them, and keeps those that stand alone', () => {
    const { lines, kept } = readMapFile(`# head\n#\n\n# of c\n#  still\n${print(20)} c.example.com\n\n# tail`);
    expect(lines).toEqual([
      { fingerprint: print(20), holder: 'c.example.com', isHost: true, comments: ['of c', 'still'], line: 6 },
    ]);
    expect(kept).toEqual(['head', '', 'tail']);
  });

  it('folds host names and fingerprints, and leaves other values as they are', () => {
    const { lines } = readMapFile(`${print(32).toLowerCase()}  C.Example.COM  \n${print(32, 9)}\tAnn,  second floor\n`);
    expect(lines.map(({ fingerprint, holder, isHost }) => [fingerprint, holder, isHost])).toEqual([
      [print(32), 'c.example.com', true],
      [print(32, 9), 'Ann, second floor', false],
    ]);
  });

  it('continues lines as postmap(1) does', () => {
    const { lines, kept } = readMapFile(`${print(20)}\n   c.example.com\n`);
    expect(lines.map(({ holder }) => holder)).toEqual(['c.example.com']);
    expect(kept).toEqual([]);
  });

  it.each([
    [print(20).replaceAll(':', ''), 'a fingerprint without colons never matches'],
    ['hello', 'its key is no fingerprint'],
    [print(19), 'its length is that of no digest'],
  ])('marks the key "%s"', (key, reason) => {
    expect(readMapFile(`${key} c.example.com\n`)).toEqual({
      lines: [],
      kept: [`not used by Postfix (${reason}): ${key} c.example.com`],
    });
  });

  it('loses nothing: every word of every line is in what was read', () => {
    const word = fc.string({ unit: fc.constantFrom(...'abcXYZ09:#.-_é'), minLength: 1, maxLength: 12 });
    const entry = fc
      .tuple(fc.constantFrom(16, 20, 32), fc.nat(255), word)
      .map(([octets, first, value]) => `${print(octets, first)} ${value}`);
    const line = fc.oneof(
      entry,
      word,
      word.map((text) => `# ${text}`),
      fc.constant(''),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (given) => {
        const { lines, kept } = readMapFile(given.join('\n'));
        const all = [
          ...kept,
          ...lines.flatMap(({ fingerprint, holder, comments }) => [fingerprint, holder, ...comments]),
        ]
          .join('\n')
          .toLowerCase();
        for (const text of given) {
          const content = text.replace(/^#/, '').trim();
          for (const part of content.split(/\s+/)) {
            // A host name is kept in the form that DNS has for it.
            const form = /^[a-z0-9.-]+$/i.test(part) ? part.replace(/\.$/, '') : part;
            if (!/é/.test(part)) expect(all).toContain(form.toLowerCase());
          }
        }
      }),
    );
  });

  it('admits no line twice', () => {
    const { lines, kept } = readMapFile(`${print(20)} a.example.com\n${print(20).toLowerCase()} b.example.com\n`);
    expect(lines.map(({ holder }) => holder)).toEqual(['a.example.com']);
    expect(kept).toEqual([
      `not used by Postfix (the fingerprint is listed above): ${print(20).toLowerCase()} b.example.com`,
    ]);
  });
});
