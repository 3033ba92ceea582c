import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ScenarioReader } from '../../../src/diagnose/evidence/scenario-reader.ts';

/** What JSON.parse makes of a line, or its complaint. */
function outcome(read: () => unknown): unknown {
  try {
    return { value: read() };
  } catch (error) {
    return { error: error instanceof Error ? error.message : error };
  }
}

const names = fc.constantFrom('id', 'mainCf', 'tables', 'session', 'a b', '__proto__', 'constructor', 'é', '"', '\\');
const values = fc.oneof(
  fc.constantFrom(1, 12, -1, 1e21, true, null, '', '"', '\\', '\\"', 'x\u2028y', '}', '],', {}, [], { a: '}' }),
  fc.jsonValue({ maxDepth: 2 }),
);
const blank = fc.constantFrom('', '', '', ' ', '\t', '\r');

/** Objects of few names and values, so that lines often agree with the one before, with blanks here and there. */
const lines = fc
  .array(fc.tuple(names, values, blank, blank, blank), { maxLength: 5 })
  .map((members) =>
    members
      .map(([name, value, a, b, c]) => `${a}${JSON.stringify(name)}${b}:${c}${JSON.stringify(value)}${a}`)
      .join(','),
  )
  .chain((text) => blank.map((around) => `${around}{${text}}${around}`));

it('means what JSON.parse means, line after line', () => {
  fc.assert(
    fc.property(fc.array(lines, { maxLength: 6 }), (texts) => {
      const reader = new ScenarioReader();
      for (const text of texts)
        expect(outcome(() => reader.read(Buffer.from(text)))).toEqual(outcome(() => JSON.parse(text)));
    }),
    { numRuns: 300 },
  );
});

it('complains as JSON.parse does of what is damaged', () => {
  const damaged = fc
    .tuple(lines, fc.nat(), fc.constantFrom('', '"', '{', '}', '[', ']', ',', ':', '\\', '1', ' ', '\n'))
    .map(([line, at, put]) => line.slice(0, at % line.length) + put + line.slice((at % line.length) + 1));
  fc.assert(
    fc.property(lines, damaged, (before, text) => {
      const reader = new ScenarioReader();
      reader.read(Buffer.from(before));
      expect(outcome(() => reader.read(Buffer.from(text)))).toEqual(outcome(() => JSON.parse(text)));
    }),
    { numRuns: 500 },
  );
});

it('hands the same object out for a member that is written as before', () => {
  const reader = new ScenarioReader();
  const first = reader.read(Buffer.from('{"id":1,"tables":{"/a":"x"}}')) as { tables: unknown };
  const second = reader.read(Buffer.from('{"id":12,"tables":{"/a":"x"}}')) as { id: number; tables: unknown };
  expect(second.id).toBe(12);
  expect(second.tables).toBe(first.tables);
});
