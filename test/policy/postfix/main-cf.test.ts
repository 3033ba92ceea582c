import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type MainCf, mainCfFromPairs, readMainCf } from '../../../src/policy/postfix/main-cf.ts';
import { parseVersion, type Version } from '../../../src/policy/postfix/version.ts';
import { needs } from '../../needs.ts';
import { installedVersion, RealPostfix, together } from './real-postfix.ts';

function version(text: string): Version {
  const parsed = parseVersion(text);
  if ('code' in parsed) throw new Error(parsed.message);
  return parsed;
}

const read = (text: string, release = '3.7'): MainCf => readMainCf(text, 'main.cf', version(release));
const values = (cf: MainCf) => Object.fromEntries([...cf.definitions].map(([name, { value }]) => [name, value]));

describe('main.cf', () => {
  it('joins continuation lines over comments and empty lines', () => {
    expect(values(read('a = 1\n  2\n# comment\n\n \t\n  3 # data\nb=4'))).toEqual({ a: '1  2  3 # data', b: '4' });
  });

  it('takes CRLF and a byte order mark', () => {
    expect(values(read('\ufeffa = 1\r\n\r\n# x\r\nb = 2 \r\n'))).toEqual({ a: '1', b: '2' });
  });

  it('tells where a definition begins', () => {
    expect(read('# head\n\na = 1\n 2\nb = 3\n').definitions.get('b')?.where).toEqual({
      file: 'main.cf',
      line: 5,
      column: 1,
    });
  });

  it('sees nothing behind a NUL byte', () => {
    expect(values(read('a = c\0d\nb = 1\n'))).toEqual({ a: 'c', b: '1' });
    expect(read('a\0b = c\n').fatal?.message).toBe(`main.cf, line 1: missing '=' after attribute name: "a"`);
  });

  it('lets the last definition win, and from 2.11 on says so', () => {
    const text = 'a = 1\na = 2\na = 2\n';
    expect(values(read(text))).toEqual({ a: '2' });
    expect(read(text).warnings.map((each) => each.message)).toEqual(['main.cf, line 2: overriding earlier entry: a=1']);
    expect(read(text, '2.10').warnings).toEqual([]);
  });

  it.each([
    ['foo', `main.cf, line 1: missing '=' after attribute name: "foo"`],
    ['= foo', 'main.cf, line 1: missing attribute name: "= foo"'],
    ['a = 1\nfoo bar = x\n', `main.cf, line 2: missing '=' after attribute name: "foo bar = x"`],
  ])('%j is fatal', (text, message) => {
    expect(read(text).fatal).toMatchObject({ message, where: { file: 'main.cf' } });
  });

  it('passes over warnings that were pasted along with the output of postconf -n', () => {
    const text =
      '/usr/sbin/postconf: warning: /etc/postfix/main.cf: unused parameter: x=y\na = 1\npostconf: warning: z\n';
    expect(values(read(text))).toEqual({ a: '1' });
  });

  it('reads pairs like lines', () => {
    expect(values(mainCfFromPairs({ a: ' 1,\n    2 ', b: '' }, 'main.cf'))).toEqual({ a: '1,    2', b: '' });
  });

  it('reads ten megabytes in one line at once', () => {
    const cf = read(`a = ${'x'.repeat(10_000_000)}\nb = 1\n`);
    expect(cf.definitions.get('a')?.value.length).toBe(10_000_000);
  });

  it('reads a million continuation lines', () => {
    expect(read(`a =\n${' x\n'.repeat(1_000_000)}`).definitions.get('a')?.value.length).toBe(1_999_999);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '=', ' ', '\n', '\r', '\0', '#', '$', '{', '}', '\ufeff', 'é') }),
        (text) => {
          read(text);
        },
      ),
    );
  });
});

const missing = needs('postconf');

describe.skipIf(missing)('main.cf beside the installed postconf', () => {
  const reals = Array.from({ length: together }, () => new RealPostfix());
  afterAll(() => {
    for (const real of reals) real.remove();
  });
  const release = version(missing === false ? installedVersion() : '3.7');
  const squeezed = (text: string) => text.replace(/\s+/g, ' ').trim();
  const names = ['mydestination', 'relay_domains', 'mynetworks', 'relayhost'];

  it('agrees on generated files', async () => {
    const line = fc.oneof(
      fc
        .tuple(
          fc.constantFrom(...names),
          fc.constantFrom(' = ', '=', '\t=  '),
          fc.constantFrom('a', 'b, c', '', '# x', 'd '),
        )
        .map((p) => p.join('')),
      fc.constantFrom(
        '',
        ' ',
        '# comment',
        '  # comment',
        '  more',
        '\tmore = x',
        '  ,x',
        '\r',
        'mydestination = a\0b',
      ),
      fc.constantFrom('oops', 'two words = x', '= x', ' relayhost = orphan'),
    );
    const text = fc
      .tuple(fc.array(line, { maxLength: 8 }), fc.constantFrom('\n', '\r\n'))
      .map(([lines, end]) => lines.map((each) => each + end).join(''));
    const texts = fc.array(text, { minLength: 1, maxLength: together, size: 'max' });
    const compareAll = async (all: readonly string[]) => {
      await Promise.all(reals.slice(0, all.length).map((real, at) => compare(all[at] ?? '', real)));
    };
    await fc.assert(fc.asyncProperty(texts, compareAll), {
      numRuns: Math.ceil(Number(process.env.CERTRELAY_RUNS ?? together) / together) + 1,
    });
  }, 120_000);

  async function compare(text: string, real: RealPostfix): Promise<void> {
    real.write('main.cf', text);
    const said = await real.starting('postconf', '-h', ...names);
    const ours = readMainCf(text, `${real.folder}/main.cf`, release);
    const died = said.err.filter((each) => each.startsWith('fatal: '));
    if (ours.fatal !== undefined || died.length > 0) {
      expect(`fatal: ${ours.fatal?.message}`).toBe(died[0]);
      return;
    }
    const defaults = ['$myhostname, localhost.$mydomain, localhost', undefined, undefined, ''];
    for (const [index, value] of said.out.split('\n').slice(0, 4).entries()) {
      const mine = ours.definitions.get(names[index] ?? '')?.value ?? defaults[index];
      // postconf prints runs of blanks as one.
      if (mine !== undefined) expect(squeezed(mine)).toBe(squeezed(value));
    }
    expect(said.err.filter((each) => /overriding|whitespace/.test(each)).sort()).toEqual(
      expect.arrayContaining(ours.warnings.map((each) => `warning: ${each.message}`).sort()),
    );
  }
});
