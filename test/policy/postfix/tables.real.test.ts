// biome-ignore-all lint/suspicious/noTemplateCurlyInString: pattern tables write ${1}
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TableFailure } from '../../../src/policy/postfix/config.ts';
import { readConfig } from '../../../src/policy/postfix/read-config.ts';
import { needs } from '../../needs.ts';
import { installedVersion, RealPostfix } from './real-postfix.ts';

const missing = needs('postmap', 'postfix-pcre', 'postfix-lmdb', 'postfix-cdb');
const settings = 'compatibility_level = 3.6\nsmtputf8_enable = no\n';

describe.skipIf(missing)('lookup tables beside the installed postmap', () => {
  const real = new RealPostfix();
  afterAll(() => real.remove());
  real.write('main.cf', settings);
  const version = missing === false ? installedVersion() : '3.7';
  const runs = { numRuns: Number(process.env.CERTRELAY_RUNS ?? 12) };

  /** Compares every key's answer; an opaque table of ours says nothing, and so agrees. */
  function compare(spec: string, keys: readonly string[], tables: Readonly<Record<string, string>>): 'same' | 'opaque' {
    const table = readConfig({ version, mainCf: settings, tables }).table(spec);
    if (table.opaque !== undefined) return 'opaque';
    const theirs = real.lookups(spec, keys);
    const ours = new Map<string, string>();
    for (const key of keys) {
      const found = table.find(key);
      if (found instanceof TableFailure) throw new Error(found.log.join('\n'));
      if (found !== undefined) ours.set(key, found);
    }
    // postmap warns of empty results and prints them all the same.
    expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs));
    return 'same';
  }

  const blank = fc.constantFrom(' ', '\t', '  ');
  const word = fc.constantFrom('a', 'B', 'c.d', '"a', '"x y"', 'A\\ b', 'k:', 'a@b', '#c', '', '12:AB');

  it.each(['hash', 'btree', 'cdb', 'lmdb'])(
    '%s',
    (type) => {
      fc.assert(
        fc.property(
          fc.array(fc.tuple(word, blank, word, fc.constantFrom('', ' x', ' "')), { minLength: 1, maxLength: 8 }),
          (lines) => {
            const text = `${lines.map((parts) => `${parts.join('')}\n`).join('')}last one\n`;
            const file = real.write(`source-${type}`, text);
            const { err } = real.postmap(`${type}:${file}`);
            const keys = ['a', 'b', 'B', 'c.d', '"x y"', 'x', 'a\\ b', 'k:', 'a@b', '12:AB', '12:ab', 'last', 'x y'];
            expect(compare(`${type}:${file}`, keys, { [file]: text })).toBe('same');
            const table = readConfig({ version, mainCf: settings, tables: { [file]: text } }).table(`${type}:${file}`);
            // The order of the two kinds of warnings differs by database: duplicates are found while it is written.
            expect(
              table.warnings.map((each) => `warning: ${each.message}`).filter((each) => !err.includes(each)),
            ).toEqual([]);
            expect(table.warnings.length).toBeGreaterThanOrEqual(err.length);
          },
        ),
        runs,
      );
    },
    120_000,
  );

  it('texthash', () => {
    const text = 'One 1\n# x\nTWO  two words \n  more\nbad\n"q r" s\n';
    const file = real.write('texthash', text);
    expect(compare(`texthash:${file}`, ['one', 'ONE', 'two', '"q r"', 'bad', 'q'], { [file]: text })).toBe('same');
  });

  it('cidr', () => {
    const address = fc.constantFrom(
      '10.0.0.0',
      '10.1.0.0',
      '10.1.2.3',
      '0.0.0.0',
      '192.168.1.0',
      '2001:db8::',
      '2001:db8:1::',
      '::',
      '::1',
      '1.2.3',
      '::ffff:10.0.0.0',
      '010.0.0.0',
    );
    const mask = fc.constantFrom(
      '',
      '/0',
      '/8',
      '/16',
      '/24',
      '/31',
      '/32',
      '/33',
      '/48',
      '/128',
      '/129',
      '/',
      '/x',
      '/08',
      '/255.0.0.0',
    );
    const shape = fc.constantFrom(
      (a: string, m: string) => a + m,
      (a: string, m: string) => `[${a}]${m}`,
      (a: string, m: string) => `[${a}${m}]`,
      (a: string, m: string) => `!${a}${m}`,
      (a: string, m: string) => `! ${a}${m}`,
      (a: string, m: string) => `[${a}${m}`,
    );
    const pattern = fc.tuple(shape, address, mask).map(([make, a, m]) => make(a, m));
    const line = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.tuple(pattern, fc.constantFrom(' ok', ' two words', '', '\tx ')).map((p) => p.join('')),
      },
      { weight: 1, arbitrary: pattern.map((each) => `if ${each}`) },
      { weight: 1, arbitrary: fc.constantFrom('endif', 'ENDIF', 'endif x', 'if', 'if 10.0.0.0/8 x', 'foo bar', '# c') },
    );
    const keys = [
      '10.0.0.0',
      '10.1.2.3',
      '10.1.2.4',
      '192.168.1.77',
      '1.1.1.1',
      '2001:db8::5',
      '2001:DB8:1::5',
      '::1',
      '::',
      '::ffff:10.0.0.0',
      'name',
      '10.1',
    ];
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const numbered = lines.map((each, index) =>
          /^(if|endif|#)/i.test(each) || !/\S\s\S/.test(each) ? each : `${each.trimEnd()} ${index}`,
        );
        const text = numbered.map((each) => `${each}\n`).join('');
        const file = real.write('cidr', text);
        expect(compare(`cidr:${file}`, keys, { [file]: text })).toBe('same');
        const { err } = real.postmap('-q', '10.1.2.3', `cidr:${file}`);
        const table = readConfig({ version, mainCf: settings, tables: { [file]: text } }).table(`cidr:${file}`);
        expect(table.warnings.map((each) => `warning: ${each.message}`)).toEqual(err);
      }),
      runs,
    );
  }, 120_000);

  const atom = fc.constantFrom(
    'a',
    'b',
    'B',
    '.',
    '\\.',
    '[ab]',
    '[^a]',
    '[[:digit:]]',
    '[]a]',
    '[a-c]',
    '1',
    '@',
    '\\@',
    '\\d',
    '\\w',
    '[\\d]',
    '[a\\]',
    '()',
    'x{2}',
    'x{0,1}',
    'x{1,}',
    '-',
    '{',
    '}',
    ']',
  );
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      atom,
      fc.tuple(tie('expression'), tie('expression')).map((p) => p.join('')),
      fc.tuple(tie('expression'), tie('expression')).map((p) => p.join('|')),
      tie('expression').map((e) => `(${e})`),
      tie('expression').map((e) => `(?:${e})`),
      fc.tuple(tie('expression'), fc.constantFrom('*', '+', '?', '*?', '+?', '{1,2}')).map(([e, q]) => `(${e})${q}`),
      fc.tuple(atom, fc.constantFrom('*', '+', '?', '*?', '++')).map((p) => p.join('')),
      tie('expression').map((e) => `^${e}`),
      tie('expression').map((e) => `${e}$`),
    ),
  }));

  /** Without what only Perl's syntax has, nor `{` and `}` alone, so that most tables can be judged. */
  const plain = (rule: string) =>
    rule
      .replaceAll('(?:', '(')
      .replace(/([*+])[?+]/g, '$1')
      .replaceAll('\\d', '1')
      .replaceAll('\\w', 'b')
      .replace(/\{(?![0-9])/g, '-');

  it.each(['regexp', 'pcre'] as const)(
    '%s',
    (type) => {
      let judged = 0;
      const rule = fc.oneof(
        {
          weight: 6,
          arbitrary: fc
            .tuple(
              fc.constantFrom('', '', '', '!'),
              expression,
              fc.constantFrom('/', '/i', '/m'),
              fc.constantFrom(' ok', ' <$1>', ' $$x${1}', ' $(2)', ''),
            )
            .map(([bang, e, end, value]) => `${bang}/${e}${end}${value}`),
        },
        { weight: 1, arbitrary: expression.map((e) => `if /${e}/`) },
        {
          weight: 1,
          arbitrary: fc.constantFrom('endif', 'endif x', 'junk', '/a/z no', '/open', '/a/!/b/ two', '/a/ $x'),
        },
      );
      const keys = [
        'a',
        'b',
        'ab',
        'aab',
        'abc',
        'a.b',
        '1',
        'a1',
        'xx',
        '@',
        'a@b',
        'B',
        'zz',
        'x',
        '-',
        '{',
        ']',
        'd',
        'ca',
      ];
      fc.assert(
        fc.property(fc.array(rule, { minLength: 1, maxLength: 4 }), (rules) => {
          const text = rules.map((each) => `${type === 'regexp' ? plain(each) : each}\n`).join('');
          const file = real.write(type, text);
          if (compare(`${type}:${file}`, keys, { [file]: text }) === 'same') judged++;
        }),
        { numRuns: runs.numRuns * 2 },
      );
      // A reader that finds everything uncertain would prove nothing.
      expect(judged).toBeGreaterThan(0);
    },
    120_000,
  );

  // Ordinary rules, which have to be judged and not left open.
  it.each([
    ['regexp', '/example\\.(com|net)$/ 550 5.7.1 [$1]'],
    ['regexp', '/^dyn-([0-9]+)\\./ WARN got ${1}'],
    ['regexp', '/^(.*)@(.*)$/ $(2)!$(1)'],
    ['regexp', '/^([^@]*)\\+[^@]*@(.*)$/ $1@$2'],
    ['regexp', '/^(([0-9]+)-)?([a-z]+)$/ no'],
    ['regexp', 'if /example/\nif !/net/\n/^(dyn)/ inner $1\nendif\nendif\n/./ outer'],
    ['pcre', '/^(.*?)@(ex|example)(\\.\\w+)$/ $1 $2 $3'],
    ['pcre', '/^(?:[\\w.-]+)@(?:example\\.(com|net))$/ $1'],
    ['pcre', '/^\\d{1,3}\\.\\d+/ address'],
    ['pcre', '/EXAMPLE/i case\n/^A/ a'],
  ])('%s: %s', (type, text) => {
    const file = real.write(`hand-${type}`, `${text}\n`);
    const keys = [
      'dyn-23.example.net',
      'mail.example.com',
      'joe+x@example.com',
      'a@b@example.net',
      '10.1.2.3',
      '12-abc',
      'EXAMPLE',
      'abc',
    ];
    expect(compare(`${type}:${file}`, keys, { [file]: `${text}\n` })).toBe('same');
  });

  it.each([
    'inline:{k=v}',
    'inline:{ {k = v w}, b=c}',
    'inline:{{"x y" = c}}',
    'static:{ x y }',
    'static:z',
    'unionmap:{static:a,inline:{k=b}}',
    'pipemap:{inline:{k=a, b=q},inline:{a=c}}',
    'randmap:{a}',
    'internal:x',
  ])('%s', (spec) => {
    expect(compare(spec, ['k', 'K', 'b', '"x y"', 'x y'], {})).toBe('same');
  });

  describe('what cannot be opened', () => {
    const specs = [
      ...['inline:{}', 'inline:{k}', 'inline:k=v', 'inline:{{k = v} x}', 'inline:{{k = v}x=y}', 'inline:{k=v {b=c}'],
      ...['inline:{ k = v }', 'static:{x', 'static:{x}y', 'unionmap:{}', 'unionmap:static:a', 'unionmap:{x}'],
      ...['randmap:{}', 'randmap:a', 'foo:bar', 'hash:/nonexistent', 'texthash:/nonexistent', 'cidr:/nonexistent'],
      ...['regexp:/nonexistent', 'pcre:/nonexistent', 'cdb:/nonexistent', 'lmdb:/nonexistent'],
    ];
    const said = new Map<string, readonly string[]>();
    beforeAll(async () => {
      const asked = specs.map(async (spec) => said.set(spec, (await real.starting('postmap', '-q', 'k', spec)).err));
      await Promise.all(asked);
    });

    it.each(specs)('%s', (spec) => {
      const table = readConfig({ version, mainCf: settings, tables: {} }).table(spec);
      expect(table.warnings.map((each) => each.message.replace('error: ', 'fatal: '))).toEqual(said.get(spec));
      expect(table.fixed).toBe(false);
      expect(table.find('k')).toBeInstanceOf(TableFailure);
    });
  });
});
