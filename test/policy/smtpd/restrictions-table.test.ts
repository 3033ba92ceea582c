import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseVersion, type Version } from '../../../src/policy/postfix/version.ts';
import { restrictions, restrictionsOf } from '../../../src/policy/smtpd/restrictions/index.ts';

function version(text: string): Version {
  const parsed = parseVersion(text);
  if ('code' in parsed) throw new Error(parsed.message);
  return parsed;
}

describe('the table of restrictions', () => {
  it.each([
    ['2.9', 69],
    ['2.10', 70],
    ['3.0', 77],
    ['3.11', 77],
  ])('Postfix %s knows %i names', (text, count) => {
    expect([...restrictionsOf(version(text)).keys()].sort()).toHaveLength(count);
  });

  it('no name stands twice', () => {
    const names = restrictions.flatMap((row) => [row.name, ...(row.aliases ?? [])]);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it('every row says what it does', () => {
    expect(restrictions.filter((row) => !/^[A-Z].*\.$/.test(row.doc)).map((row) => row.name)).toEqual([]);
  });

  it('every file of the folder that holds rows is in the registry', () => {
    const folder = new URL('../../../src/policy/smtpd/restrictions/', import.meta.url);
    const index = readFileSync(new URL('index.ts', folder), 'utf8');
    const holders = readdirSync(folder).filter((file) =>
      /readonly Restriction\[\]/.test(readFileSync(new URL(file, folder), 'utf8')),
    );
    expect(holders.filter((file) => file !== 'index.ts' && !index.includes(`./${file}`))).toEqual([]);
  });
});
