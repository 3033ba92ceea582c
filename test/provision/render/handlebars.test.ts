import { spawnSync } from 'node:child_process';
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { CertrelayError } from '../../../src/lib/problem.ts';
import { guard } from '../../../src/provision/render/guard.ts';
import { engine, helpers } from '../../../src/provision/render/handlebars.ts';
import { parametersOf, plan, type Template } from '../../../src/provision/render/plan.ts';
import { inputOf, templates } from './world.ts';

const render = (text: string, view: object, partials: readonly Template[] = []): string =>
  engine([{ name: 'server/x.hbs', text }, ...partials]).render('server/x.hbs', view);

describe('the template engine', () => {
  it('writes values down as they are, not as HTML', () => {
    expect(render('{{a}}', { a: `<'&"=>` })).toBe(`<'&"=>`);
  });

  it('knows partials by file name', () => {
    expect(render('{{> _note}}', { a: 'x' }, [{ name: '_partials/_note.hbs', text: '({{a}})' }])).toBe('(x)');
  });

  it.each([
    ['a field that is not there', '{{b}}'],
    ['a field of an element that is not there', '{{#each list}}{{b}}{{/each}}'],
    ['a helper that nobody wrote', '{{shout a}}'],
    ['a partial that nobody wrote', '{{> _nothing}}'],
  ])('stops at %s', (_what, text) => expect(() => render(text, { a: 'x', list: [{ a: 'y' }] })).toThrow());

  it('says which template is not there', () => {
    expect(() => engine([]).render('server/y.hbs', {})).toThrow('no template "server/y.hbs"');
  });

  const word = fc.string({ unit: fc.constantFrom('a', "'", '"', '\\', '$', '`', ' ', '\n', '!', '*', '#') });
  property.prop([fc.array(word, { minLength: 1, maxLength: 20 })], { numRuns: 20 })('quotes words for sh', (words) => {
    const script = words.map((each) => `printf '%s\\0' ${helpers.sh(each)}\n`).join('');
    expect(spawnSync('sh', ['-c', script], { encoding: 'utf8' }).stdout).toBe(
      words.map((each) => `${each}\0`).join(''),
    );
  });
});

describe('the guard before a template', () => {
  it.each(['\n', '\r', '\0', '\u2028', '\u2029', '\u0085', '\t'])('refuses %j in any field', (character) => {
    expect(() => guard({ list: [{ a: { b: `x${character}y` } }] })).toThrow(CertrelayError);
  });

  it('calls a hole a defect, and says where', () => {
    expect(() => guard({ list: [{ a: undefined }] })).toThrow('view.list.0.a is undefined');
    expect(() => guard({ a: null })).toThrow('view.a is null');
  });

  it('lets texts and truth values pass', () => {
    const view = { a: '', b: true, c: ['$x {{z}}'] };
    expect(guard(view)).toBe(view);
  });
});

describe('what a fragment sets', () => {
  it('is read from its text', () => {
    expect(parametersOf('# comment\n\na = b c\nd =\n')).toEqual([
      { name: 'a', value: 'b c' },
      { name: 'd', value: '' },
    ]);
  });

  it.each(['a = b\n c', 'a=b', ' a = b', 'a = b ', 'a', 'a = b\na = c'])('cannot be told from %j', (text) => {
    expect(() => parametersOf(text)).toThrow();
  });
});

describe('the tree of templates', () => {
  const input = inputOf(['server.example.com'], ['client.example.com']);
  const both = inputOf(['server.example.com', 'two.example.com'], ['two.example.com']);
  const paths = (of: typeof input, more: readonly Template[]): readonly string[] =>
    plan(of, [...templates, ...more]).outputs.map(({ to }) => to);

  it('makes a file for every host of a role by being there', () => {
    const added = paths(input, [{ name: 'client/notes/read.me.hbs', text: '{{name}}\n' }]);
    expect(added.filter((to) => to.endsWith('read.me'))).toEqual(['hosts/client.example.com/notes/read.me']);
  });

  it('makes no file of a template that renders to nothing', () => {
    expect(paths(input, [{ name: 'client/empty.hbs', text: '{{#if services}}x{{/if}}\n' }])).toEqual(paths(input, []));
  });

  it('gives a host with both roles one file where both roles have the same', () => {
    const twice = ['server', 'client'].map((role) => ({ name: `${role}/about.hbs`, text: '{{name}}\n' }));
    expect(paths(both, twice).filter((to) => to.endsWith('two.example.com/about'))).toHaveLength(1);
  });

  it('refuses two templates that disagree about one file', () => {
    const twice = ['server', 'client'].map((role) => ({ name: `${role}/about.hbs`, text: `${role}\n` }));
    expect(() => paths(both, twice)).toThrow(
      '"server/about.hbs" and "client/about.hbs" make different files of one name',
    );
  });
});
