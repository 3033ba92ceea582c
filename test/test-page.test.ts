import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import config from '../vitest.config.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(root, 'test/README.md'), 'utf8');

it('test/README.md has a row for every variable that src/, test/ or the configuration names, and no other', () => {
  const below = ['src', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ts|js)$/.test(file))
      .map((file) => join(folder, file)),
  );
  const texts = [...below, '.ci/run', 'vitest.config.ts'].map((file) => readFileSync(join(root, file), 'utf8'));
  // Names in underscores are replaced by the bundler.
  const named = new Set(texts.flatMap((text) => text.match(/\bCERTRELAY_[A-Z_]+/g) ?? []));
  const rows = [...page.matchAll(/^\| `(CERTRELAY_\w+)` \|/gm)].map(([, name]) => name);
  expect(rows.sort()).toEqual([...named].sort());
});

it('test/README.md has a row for every project', () => {
  const section = page.split('| project |')[1]?.split('\n\n')[0] ?? '';
  const names = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name);
  const projects = (config.test?.projects ?? []).map((one) =>
    typeof one === 'object' && 'test' in one ? String(one.test?.name) : '',
  );
  // That one exists only where CERTRELAY_ROOTS is set.
  expect(names.sort()).toEqual([...new Set([...projects, 'releases'])].sort());
});
