import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { conditions, needs } from './needs.ts';
import { isInstalled, missingPackages, table } from './needs-table.js';

const folder = fileURLToPath(new URL('.', import.meta.url));
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(ts|js)$/.test(file) && !file.startsWith('needs'))
  .map((file) => readFileSync(join(folder, file), 'utf8'));

const wordsIn = (text: string) => [...text.matchAll(/'([^']+)'/g)].map(([, word = '']) => word);
const named = new Set(
  sources.flatMap((text) => [...text.matchAll(/\bneeds\([^)]*\)|\w+Needs = [^;]*;/g)].flatMap(([all]) => wordsIn(all))),
);
/** Programs that POSIX gives every system: no suite is skipped for them. */
const everywhere = 'cat chmod cp find id kill ln ls mkdir mkfifo mv rm sh sleep tail touch true'.split(' ');

describe('the table of what tests need', () => {
  it('has a row for every need that a test names', () => {
    expect([...named].filter((name) => table[name] === undefined && conditions[name] === undefined)).toEqual([]);
    expect(() => needs('no-such-need')).toThrow('"no-such-need" is not in test/needs-table.js');
  });

  it('has no row that no test names', () => {
    expect(Object.keys(table).filter((name) => !named.has(name))).toEqual([]);
  });

  it('has every program that a test starts by name', () => {
    const started = sources.flatMap((text) =>
      [...text.matchAll(/\b(?:spawn|execFile)(?:Sync)?\(\s*'([a-z][\w.-]*)'/g)].map(([, program = '']) => program),
    );
    expect(started).toContain('openssl');
    const unlisted = started.filter((program) => table[program] === undefined && !everywhere.includes(program));
    expect([...new Set(unlisted)]).toEqual([]);
  });
});

describe('what is missing', () => {
  const rows = {
    sh: { package: 'dash' },
    'no-such-program': { package: 'one' },
    'another-program': { package: 'one' },
    file: { package: 'two', path: '/no/such/file' },
    root: { package: 'three', path: '/' },
    'map of a type': { package: 'four', mapType: 'no-such-type' },
  };

  it('is found by program, path and map type, each package once', () => {
    expect(missingPackages(rows)).toEqual(['four', 'one', 'two']);
  });

  it.skipIf(needs('postconf'))('is not a type that the installed Postfix knows', () => {
    expect(isInstalled('hash table', { package: 'postfix', mapType: 'hash' })).toBe(true);
  });

  it('is printed for .ci/run, one package per line', () => {
    const script = join(folder, 'needs-table.js');
    const { status, stdout } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([
      0,
      missingPackages(table)
        .map((name) => `${name}\n`)
        .join(''),
    ]);
    expect(readFileSync(join(folder, '../.ci/run'), 'utf8')).toContain('node test/needs-table.js');
  });
});
