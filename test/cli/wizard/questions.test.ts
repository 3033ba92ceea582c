import { describe, expect, it } from 'vitest';
import { optionKey } from '../../../src/cli/wizard/option-names.ts';
import { isGiven, isPut, type Known, type Question } from '../../../src/cli/wizard/question.ts';
import { questions } from '../../../src/cli/wizard/questions.ts';
import { setUpOptions } from '../../../src/provision/settings/set-up-options.ts';
import { inventoryOf, presets } from './scripted.ts';

const fresh: Known = {
  options: {},
  configured: [],
  answers: { defaults: 'no', serverSystem: 'version', clientSystem: 'version' },
  presets,
  detectedPostfix: '3.7.11',
};
const again: Known = {
  ...fresh,
  answers: { purpose: 'settings' },
  existing: inventoryOf({ server: ['a.example.com'], client: ['b.example.com'] }),
};
const settledBy = (question: Question) => question.settledBy ?? [question.key];

describe('the questions', () => {
  it('cover every option that describes the set-up', () => {
    const covered = new Set(questions.filter(({ key }) => key !== 'purpose').flatMap(settledBy));
    const options = setUpOptions.map(optionKey);
    // A file of answers is an answer to none of them in particular.
    expect(options.filter((key) => !covered.has(key))).toEqual(['config']);
    expect([...covered].filter((key) => !options.includes(key))).toEqual(['defaults']);
  });

  it('have each a name of its own', () => {
    expect(new Set(questions.map(({ key }) => key)).size).toBe(questions.length);
  });

  it('are not put when a flag settled them', () => {
    for (const question of questions.filter(({ key }) => !['purpose', 'defaults', 'passphrase'].includes(key))) {
      for (const key of settledBy(question)) {
        const options = { [key]: key === 'permitSasl' ? false : ['x'] };
        expect(isPut(question, { ...fresh, options }), `${question.key} with ${key}`).toBe(false);
      }
    }
  });

  it('concern the settings alone on a second run', () => {
    const put = questions.filter((question) => isPut(question, again)).map(({ key }) => key);
    expect(put).toContain('digest');
    expect(put).toContain('installDir');
    for (const key of ['server', 'client', 'passphrase', 'defaults', 'caName', 'caDays', 'constrain'])
      expect(put).not.toContain(key);
  });

  it('are each explained in words, in lower case and without a full stop', () => {
    for (const question of questions) {
      const line = question.explain(fresh);
      expect(line.length, question.key).toBeGreaterThan(20);
      expect(line).not.toMatch(/\.$|^[A-Z][a-z ]/);
      expect(question.message).toMatch(/^(?![A-Z])(?:[^A-Z:?]|SASL|Postfix)+$/);
      // Room for "? ", ":" and the beginning of an answer on a terminal of 40 columns.
      expect(question.message.length, question.message).toBeLessThanOrEqual(35);
    }
  });

  it.each([
    ['new', fresh],
    ['existing', again],
  ] as const)('have choices that can be taken, on a %s set-up', (_, known) => {
    for (const question of questions) {
      if (question.kind !== 'select') continue;
      const choices = question.choices(known);
      expect(new Set(choices.map(({ value }) => value)).size).toBe(choices.length);
      for (const { name, explain } of choices) {
        expect(name.length, name).toBeLessThanOrEqual(38);
        expect(explain).toMatch(/^(?![A-Z][a-z]* [a-z]).*[^.]$/);
      }
      const fallback = question.fallback?.(known);
      if (fallback !== undefined) expect(choices.map(({ value }) => value)).toContain(fallback);
    }
  });

  it('offer exactly the values of their flag', () => {
    const compared = setUpOptions.flatMap((row) => {
      const question = questions.find(({ key }) => key === optionKey(row));
      if (row.choices === undefined || question?.kind !== 'select') return [];
      const values = question
        .choices(fresh)
        .map(({ value }) => value)
        .filter((value) => value !== 'usual');
      return [[row.flags, [...values].sort(), [...row.choices].sort()] as const];
    });
    expect(compared.map(([flags]) => flags)).toHaveLength(7);
    for (const [flags, offered, known] of compared) expect(offered, flags).toEqual(known);
  });

  it('change nothing when enter is pressed at each on an existing set-up', () => {
    for (const question of questions.filter((one) => isPut(one, again))) {
      if (question.kind === 'input') expect(question.options(question.fallback?.(again) ?? '', again)).toEqual({});
      if (question.kind === 'confirm') expect(question.options(question.fallback(again), again)).toEqual({});
      if (question.kind === 'select') {
        const value = question.fallback?.(again) ?? question.choices(again)[0]?.value ?? '';
        expect(question.options(value, again), question.key).toEqual({});
      }
    }
  });

  it('list every default that a flag has before they are accepted', () => {
    const line = questions.find(({ key }) => key === 'defaults')?.explain({ ...fresh, answers: {} }) ?? '';
    for (const value of setUpOptions.filter(({ flags }) => !flags.includes('digest')).map(({ fallback }) => fallback)) {
      if (value !== undefined) expect(line).toContain(value);
    }
  });
});

describe('isGiven', () => {
  it.each([
    [{}, false],
    [{ key: undefined }, false],
    [{ key: true }, false],
    [{ key: [] }, false],
    [{ key: false }, true],
    [{ key: '' }, true],
    [{ key: ['a'] }, true],
  ] as const)('of %j is %j', (options, expected) => {
    expect(isGiven(options, 'key')).toBe(expected);
  });
});
