// biome-ignore-all lint/suspicious/noTemplateCurlyInString: main.cf writes ${name}
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { Expander } from '../../src/postfix/expand.ts';
import { parseVersion, type Version } from '../../src/postfix/version.ts';
import { needs } from '../needs.ts';
import { installedVersion, RealPostfix } from './real-postfix.ts';

const missing = needs('postconf');

describe.skipIf(missing)('main.cf values beside the installed postconf', () => {
  const real = new RealPostfix();
  afterAll(() => real.remove());
  const version = parseVersion(missing === false ? installedVersion() : '3.7');
  if ('code' in version) throw new Error(version.message);
  const release: Version = version;

  const names: Readonly<Record<string, string>> = {
    v1: 'one',
    v2: '',
    v3: '$v1 and ${v2?x}${v2:y}',
    v4: '10',
    v5: '3.10.1',
    loop: 'a$loop',
  };

  /** What both say: the value, or the warning and the end. postconf also complains of branches not taken, which smtpd does not. */
  function compare(value: string): void {
    const lines = Object.entries({ ...names, mydestination: value }).map(([name, text]) => `${name} = ${text}\n`);
    real.write('main.cf', lines.join(''));
    const said = real.postconf('-x', '-h', 'mydestination');
    const expander = new Expander((name) => (Object.hasOwn(names, name) ? names[name] : undefined), release);
    const ours = expander.expand(value);
    const died = said.err.filter((line) => line.startsWith('fatal: ')).map((line) => line.slice('fatal: '.length));
    if (typeof ours === 'string') {
      expect({ value: ours.trim(), died: [] }).toEqual({ value: said.out.trim(), died });
      return;
    }
    expect([ours.fatal.replace('dictionary mail_dict: ', '')]).toEqual(died);
    for (const warning of ours.warnings) expect(said.err).toContain(`warning: ${warning}`);
  }

  it.each([
    '$v1',
    '${v1}',
    '$(v1)',
    '$$v1',
    '$nosuch',
    '${v1?a}',
    '${v2:b}',
    '${v1?{a}:{b}}',
    '${ v1 ? {a} : {b} }',
    '${{$v4} < {9} ? {a} : {b}}',
    '${{3.10} <=level {3.9}}',
    '${{$v5} >=level {3.10}}',
    '${{x }=={x}}',
    '$loop',
    '${v1',
    'a ${v1?{b}c}',
    '${{a}==b}',
    'text $',
    '${{99999999999999999999}<{1}}',
    '${{1}<level{x}}',
    '${v-1}',
    '${é}',
    '${v1?{${v3?{$v1}}}:{n}}',
  ])('%s', (value) => {
    compare(value);
  });

  it('agrees on generated values', () => {
    const leaf = fc.constantFrom('v1', 'v2', 'v3', 'v4', 'v5', 'nosuch', 'loop', '7', '10', 'x', ' ', '', '-');
    const { text } = fc.letrec<{ text: string; macro: string }>((tie) => ({
      text: fc.oneof(
        { maxDepth: 4, depthSize: 'small' },
        leaf,
        fc.tuple(tie('macro'), tie('text')).map((parts) => parts.join('')),
        fc.tuple(leaf, tie('macro')).map((parts) => parts.join('')),
      ),
      macro: fc.oneof(
        leaf.map((name) => `$${name}`),
        leaf.map((name) => `\${${name}}`),
        leaf.map((name) => `$(${name})`),
        fc.tuple(leaf, fc.constantFrom('?', ':', ' ?', '?? ', '{'), tie('text')).map(([a, b, c]) => `\${${a}${b}${c}}`),
        fc.tuple(leaf, tie('text'), tie('text')).map(([a, b, c]) => `\${${a}?{${b}}:{${c}}}`),
        fc.tuple(leaf, tie('text'), leaf).map(([a, b, c]) => `\${ ${a} ? {${b}} ${c}}`),
        fc
          .tuple(
            tie('text'),
            fc.constantFrom('==', '!=', '<', '<=', '>', '>=', '=', '<=level', '>level'),
            tie('text'),
            leaf,
          )
          .map(([a, op, b, c]) => `\${{${a}} ${op} {${b}}?{${c}}:{else}}`),
        fc
          .tuple(tie('text'), fc.constantFrom('==', '<', '<level', '!'), tie('text'))
          .map(([a, op, b]) => `\${{${a}}${op}{${b}}}`),
        fc.constantFrom('$', '${', '}', '$$', '${{', '{', '$(v1', '${v1?{a}'),
      ),
    }));
    fc.assert(
      fc.property(text, (value) => {
        fc.pre(!/[\n\r\0]/.test(value) && value.trim() === value && value !== '');
        compare(value);
      }),
      { numRuns: Number(process.env.CERTRELAY_RUNS ?? 12) },
    );
  }, 120_000);
});
