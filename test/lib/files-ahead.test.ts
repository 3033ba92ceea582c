import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readAhead } from '../../src/lib/files/ahead.ts';
import { disk } from '../../src/lib/files/operations.ts';

const folder = mkdtempSync(join(tmpdir(), 'certrelay-ahead-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const large = (character: string) => Buffer.alloc(2 << 20, character);
const limit = 4 << 20;

/** The disk, and how often it was asked for contents. */
function counted() {
  let reads = 0;
  const files = {
    ...disk,
    read: (path: string, most: number) => {
      reads++;
      return disk.read(path, most);
    },
  };
  return { files, reads: () => reads };
}

test('a large file that nobody has touched is not read again', async () => {
  const path = join(folder, 'ledger');
  writeFileSync(path, large('a'));
  const { files, reads } = counted();
  const ahead = await readAhead([path, join(folder, 'missing'), folder], files);
  expect(Buffer.compare(ahead.read(path, limit), large('a'))).toBe(0);
  expect(reads()).toBe(0);
  // Once: whoever asks again wants to know whether it has changed.
  ahead.read(path, limit);
  expect(reads()).toBe(1);
});

test.each([
  ['grew', (path: string) => writeFileSync(path, 'b', { flag: 'a' })],
  [
    'was replaced by one of the same length',
    (path: string) => {
      writeFileSync(`${path}.new`, large('b'));
      renameSync(`${path}.new`, path);
    },
  ],
])('one that %s meanwhile is read as it is now', async (_, change) => {
  const path = join(folder, 'changed');
  writeFileSync(path, large('a'));
  const ahead = await readAhead([path], disk);
  change(path);
  expect(Buffer.compare(ahead.read(path, limit), disk.read(path, limit))).toBe(0);
  expect(Buffer.from(ahead.read(path, limit)).includes('b')).toBe(true);
});

test('one that is larger than the reader allows is left to the reader', async () => {
  const path = join(folder, 'beyond');
  writeFileSync(path, large('a'));
  const ahead = await readAhead([path], disk);
  expect(ahead.read(path, 10)).toHaveLength(11);
});
