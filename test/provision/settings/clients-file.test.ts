import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { readClientsFile } from '../../../src/provision/settings/clients-file.ts';

const read = (text: string) => {
  const { names, unused, problems } = readClientsFile(text, 'clients');
  return {
    names: names.map(({ text: name, line }) => [name, line]),
    unused,
    problems: problems.map(({ code, where }) => [code, where?.line]),
  };
};

describe('a clients file', () => {
  it('is a name a line, with comments', () => {
    expect(read('# all\na.example.com\n\n  b.example.com  # the second\nc#d\n#e')).toEqual({
      names: [
        ['a.example.com', 2],
        ['b.example.com', 4],
        ['c#d', 5],
      ],
      unused: [],
      problems: [],
    });
    expect(read('')).toEqual({ names: [], unused: [], problems: [] });
  });

  it('is CSV when its first line is a header', () => {
    expect(
      read(
        '# export\nos, Name ,"own,er"\n"x","a.example.com",y\n\n# c\nz,b.example.com,"two\nlines ""quoted"""\n,c.example.com,',
      ),
    ).toEqual({
      names: [
        ['a.example.com', 3],
        ['b.example.com', 6],
        ['c.example.com', 8],
      ],
      unused: ['os', 'own,er'],
      problems: [],
    });
    expect(read('NAME\na\n').names).toEqual([['a', 2]]);
  });

  it('keeps an empty name, which is refused where names are read', () => {
    expect(read('name,os\n,x\n').names).toEqual([['', 2]]);
  });

  it.each([
    ['host,os\na,b\n', [['csv-no-name', 1]]],
    ['name;os\na;b\n', [['csv-no-name', 1]]],
    [
      'name,os\na\nb,c,d\n',
      [
        ['csv-fields', 2],
        ['csv-fields', 3],
      ],
    ],
    ['name,os\na,"b\nc\n', [['csv-quote-open', 2]]],
    ['name,os\na,"b"c\n', [['csv-quote-open', 2]]],
  ])('%j is refused', (text, problems) => {
    expect(read(text).problems).toEqual(problems);
  });

  const cell = fc.string({ unit: fc.constantFrom(...'ab,"\n ;#'), maxLength: 8 });
  test.prop([fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 })])(
    'gives back every quoted cell',
    (rows) => {
      const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
      const text = `name,other\n${rows.map((row) => `${row.map(quoted).join(',')}\n`).join('')}`;
      const found = read(text);
      expect(found.problems).toEqual([]);
      expect(found.names.map(([name]) => name)).toEqual(rows.map(([name]) => name.trim()));
      let line = 2;
      for (const [index, row] of rows.entries()) {
        expect(found.names[index]?.[1]).toBe(line);
        line += row.join('').split('\n').length;
      }
    },
  );

  it('is read in a moment, however long', () => {
    const lines = Array.from({ length: 100_000 }, (_, index) => `"c${index}.example.com",linux`);
    expect(read(`name,os\n${lines.join('\n')}`).names).toHaveLength(100_000);
  });
});
