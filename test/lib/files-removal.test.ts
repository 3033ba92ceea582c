import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Change, Layout } from '../../src/lib/files/change.ts';
import { commit, pending } from '../../src/lib/files/files.ts';
import { disk, type FileOperations } from '../../src/lib/files/operations.ts';
import { CertrelayError } from '../../src/lib/problem.ts';

let home = '';
let layout: Layout;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'certrelay-removal-'));
  layout = { root: join(home, 'out'), isPrivate: () => true };
  mkdirSync(join(home, 'out/next/host'), { recursive: true });
  writeFileSync(join(home, 'out/next/host/a.key'), 'key\n');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const removal = (path: string): Change => ({ kind: 'remove', path, rank: 'removal' });
const file = (path: string): Change => ({
  ...{ kind: 'replace', path, rank: 'file', content: 'new\n', secret: false, existing: 'replace' },
});

describe('a file that is to be gone', () => {
  it('is gone with every folder that it leaves empty, but never the root', async () => {
    const done = await commit([removal('next/host/a.key')], layout);
    expect(done).toEqual({ written: [], repaired: ['next', 'next/host'], removed: ['next/host/a.key'], unchanged: [] });
    expect(readdirSync(home)).toEqual(['out']);
    expect(readdirSync(join(home, 'out'))).toEqual([]);
  });

  it('leaves a folder that holds something else', async () => {
    writeFileSync(join(home, 'out/next/mine'), '');
    await commit([removal('next/host/a.key')], layout);
    expect(readdirSync(join(home, 'out/next'))).toEqual(['mine']);
  });

  it('may be gone already, and no folder is made for it', async () => {
    const done = await commit([removal('next/other/b.key')], layout);
    expect([done.removed, done.unchanged]).toEqual([[], ['next/other/b.key']]);
    expect(existsSync(join(home, 'out/next/other'))).toBe(false);
  });

  it('is told before, and only told', () => {
    expect(pending([removal('next/host/a.key')], layout).removed).toEqual(['next/host/a.key']);
    expect(existsSync(join(home, 'out/next/host/a.key'))).toBe(true);
  });

  it('goes last, when everything else has its name', async () => {
    const calls: string[] = [];
    const watched: FileOperations = {
      ...disk,
      rename: (from, to) => {
        calls.push(`rename ${to.slice(home.length + 5)}`);
        disk.rename(from, to);
      },
      remove: (path) => {
        calls.push(`remove ${path.slice(home.length + 5)}`);
        disk.remove(path);
      },
    };
    await commit([removal('next/host/a.key'), file('hosts/host/a')], layout, watched);
    expect(calls).toEqual(['rename hosts/host/a', 'remove next/host/a.key']);
  });

  it('is not followed through a link, and nothing else happens then', async () => {
    writeFileSync(join(home, 'precious'), 'mine\n');
    symlinkSync(join(home, 'precious'), join(home, 'out/next/host/b.key'));
    const changes = [file('a'), removal('next/host/b.key')];
    await expect(commit(changes, layout)).rejects.toThrow(CertrelayError);
    expect([existsSync(join(home, 'precious')), existsSync(join(home, 'out/a'))]).toEqual([true, false]);
  });
});
