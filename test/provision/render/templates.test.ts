import Handlebars from 'handlebars';
import { describe, expect, it } from 'vitest';
import { isPartial, knownHelpers, partialName } from '../../../src/provision/render/handlebars.ts';
import { exampleView } from './example-view.ts';
import { templates } from './world.ts';

type Node = hbs.AST.Node;

const partials = new Map(
  templates.filter(({ name }) => isPartial(name)).map(({ name, text }) => [partialName(name), text]),
);
const isOf = <T extends Node>(node: Node, type: T['type']): node is T => node.type === type;

/** Resolves a path against the contexts around it, innermost last; throws when the view has nothing there. */
function resolve(path: hbs.AST.PathExpression, contexts: readonly unknown[]): unknown {
  expect(path.data === true, `@${path.original}: templates are rendered without such variables`).toBe(false);
  let here = contexts[contexts.length - 1 - path.depth];
  for (const part of path.parts) {
    expect(here, `the way to "${path.original}"`).toBeTypeOf('object');
    expect(Object.keys(here as object), `"${path.original}"`).toContain(part);
    here = (here as Record<string, unknown>)[String(part)];
  }
  expect(here, `"${path.original}"`).toBeDefined();
  return here;
}

/** Walks a template and checks every path, helper and partial; answers how many paths it saw. */
function walk(program: hbs.AST.Program, contexts: readonly unknown[]): number {
  let seen = 0;
  const look = (expression: Node): unknown => {
    if (isOf<hbs.AST.PathExpression>(expression, 'PathExpression')) {
      seen += 1;
      return resolve(expression, contexts);
    }
    expect(['StringLiteral', 'NumberLiteral', 'BooleanLiteral']).toContain(expression.type);
    return undefined;
  };
  for (const node of program.body) {
    if (isOf<hbs.AST.MustacheStatement>(node, 'MustacheStatement')) {
      expect(node.hash?.pairs ?? []).toEqual([]);
      if (node.params.length === 0) look(node.path);
      else expect(Object.keys(knownHelpers)).toContain((node.path as hbs.AST.PathExpression).original);
      for (const parameter of node.params) expect(look(parameter)).not.toBeTypeOf('object');
    } else if (isOf<hbs.AST.BlockStatement>(node, 'BlockStatement')) {
      const helper = node.path.type === 'PathExpression' ? (node.path as hbs.AST.PathExpression).original : '';
      expect(['each', 'if', 'unless']).toContain(helper);
      const values = node.params.map(look);
      const list = values[0];
      if (helper === 'each') expect(Array.isArray(list) && list.length > 0, 'each wants a list').toBe(true);
      const inside = helper === 'each' ? [...contexts, (list as unknown[])[0]] : contexts;
      seen += walk(node.program, inside);
      if (node.inverse !== undefined && node.inverse !== null) seen += walk(node.inverse, contexts);
    } else if (isOf<hbs.AST.PartialStatement>(node, 'PartialStatement')) {
      const name = (node.name as hbs.AST.PathExpression).original;
      const text = partials.get(String(name));
      expect(text, `partial "${name}"`).toBeDefined();
      expect(node.params, 'a partial gets the view around it').toEqual([]);
      seen += walk(Handlebars.parse(text ?? ''), contexts);
    } else {
      expect(['ContentStatement', 'CommentStatement'], 'kinds of statements').toContain(node.type);
    }
  }
  return seen;
}

describe('templates and their view', () => {
  const frame = { ...exampleView, bodies: ['body'] };

  it.each(templates.map(({ name, text }) => [name, text] as const))('%s says only what the view has', (name, text) => {
    const view = name === '_partials/_fragment.hbs' ? frame : exampleView;
    // A partial used inside of an {{#each}} sees another view; it is walked where it is used.
    if (isPartial(name) && name !== '_partials/_fragment.hbs')
      expect(templates.some((other) => other.text.includes(`{{> ${partialName(name)}}}`))).toBe(true);
    else expect(walk(Handlebars.parse(text), [view])).toBeGreaterThan(0);
  });

  it('notices a field that the view lacks, wherever it stands', () => {
    for (const text of [
      '{{nmae}}',
      '{{#if nmae}}x{{/if}}',
      '{{#each nmaes}}x{{/each}}',
      '{{#each files}}{{nmae}}{{/each}}',
      '{{#each files}}{{../nmae}}{{/each}}',
      '{{#unless server}}{{nmae}}{{/unless}}',
      '{{set name nmae}}',
      '{{> _nmae}}',
      '{{#with name}}x{{/with}}',
    ]) {
      expect(() => walk(Handlebars.parse(text), [exampleView]), text).toThrow();
    }
  });

  it('has texts for Unix: line feeds only, one at the end, no blanks at line ends', () => {
    for (const { name, text } of templates) {
      expect(text, name).not.toMatch(/\r|[ \t]\n/);
      expect(text, name).toMatch(/[^\n]\n$/);
    }
  });
});
