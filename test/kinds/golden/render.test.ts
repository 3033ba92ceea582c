import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { plan } from '../../../src/provision/render/plan.ts';
import { templates } from '../../provision/render/world.ts';
import { cases } from './cases.ts';

/**
 * What is rendered, file by file, for every version, every preset and the special cases. A change on purpose is
 * taken over with `CERTRELAY_GOLDEN=update npx vitest run test/kinds/golden`, and then reads as a difference in review.
 * install.sh is left out here: it has tests of its own, which run it.
 */
const rendered = fileURLToPath(new URL('./rendered', import.meta.url));
const updating = process.env.CERTRELAY_GOLDEN === 'update';

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

describe('golden renderings', () => {
  it.each(cases.map((each) => [each.name, each] as const))('%s', (name, { input }) => {
    const outputs = plan(input, templates).outputs.filter(({ to }) => !to.endsWith('/install.sh'));
    const folder = join(rendered, name);
    if (updating) {
      rmSync(folder, { recursive: true, force: true });
      for (const { to, content } of outputs) {
        mkdirSync(dirname(join(folder, to)), { recursive: true });
        writeFileSync(join(folder, to), content);
      }
    }
    expect(outputs.map(({ to }) => to).sort()).toEqual(filesBelow(folder));
    for (const { to, content } of outputs) {
      expect(content, to).toBe(readFileSync(join(folder, to), 'utf8'));
      expect(content, to).toMatch(/[^\n]\n$/);
      expect(content, to).not.toMatch(/[ \t]\n|\n\n\n/);
    }
  });

  it('keeps no rendering that no case makes', () => {
    expect(readdirSync(rendered).sort()).toEqual(cases.map(({ name }) => name).sort());
  });
});
