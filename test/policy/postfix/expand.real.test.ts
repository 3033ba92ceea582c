// biome-ignore-all lint/suspicious/noTemplateCurlyInString: main.cf writes ${name}
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { Expander } from '../../../src/policy/postfix/expand.ts';
import { parseVersion, type Version } from '../../../src/policy/postfix/version.ts';
import { needs } from '../../needs.ts';
import { installedVersion, RealPostfix, together } from './real-postfix.ts';

const missing = needs('postconf');

describe.skipIf(missing)('main.cf values beside the installed postconf', () => {
  const reals = Array.from({ length: together }, () => new RealPostfix());
  afterAll(() => {
    for (const real of reals) real.remove();
  });
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
  async function compare(value: string, real: RealPostfix): Promise<void> {
    const lines = Object.entries({ ...names, mydestination: value }).map(([name, text]) => `${name} = ${text}\n`);
    real.write('main.cf', lines.join(''));
    const said = await real.starting('postconf', '-x', '-h', 'mydestination');
    const expander = new Expander((name) => (Object.hasOwn(names, name) ? names[name] : undefined), release);
    const ours = expander.expand(value);
    const died = said.err.filter((line) => line.startsWith('fatal: ')).map((line) => line.slice('fatal: '.length));
    if (typeof ours === 'string') {
      expect({ of: value, value: ours.trim(), died: [] }).toEqual({ of: value, value: said.out.trim(), died });
      return;
    }
    expect([value, ours.fatal.replace('dictionary mail_dict: ', '')]).toEqual([value, ...died]);
    for (const warning of ours.warnings) expect(said.err).toContain(`warning: ${warning}`);
  }

  const values = [
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
  ];

  /** Many at once; what differs is shown with its value by the assertion. */
  async function compareAll(all: readonly string[]): Promise<void> {
    const queues = reals.map((real, first) => ({ real, mine: all.filter((_, at) => at % together === first) }));
    const waiting = queues.map(async ({ real, mine }) => {
      for (const value of mine) await compare(value, real);
    });
    await Promise.all(waiting);
  }

  it('agrees on values of every form', () => compareAll(values));

  it('agrees on generated values', async () => {
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
    const ordinary = text.filter((value) => !/[\n\r\0]/.test(value) && value.trim() === value && value !== '');
    await fc.assert(
      fc.asyncProperty(fc.array(ordinary, { minLength: 1, maxLength: together, size: 'max' }), compareAll),
      {
        numRuns: Math.ceil(Number(process.env.CERTRELAY_RUNS ?? together) / together) + 1,
      },
    );
  }, 120_000);
});
