import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Change } from '../../src/lib/files/change.ts';
import { commit } from '../../src/lib/files/files.ts';
import { CertrelayError } from '../../src/lib/problem.ts';
import { needs } from '../needs.ts';

/** What no fake can show: a full disk, a read-only one, and other users' folders. */
const nobody = 65_534;

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'certrelay-real-'));
});
const mounted: string[] = [];
afterEach(() => {
  for (const folder of mounted.splice(0)) spawnSync('umount', [folder]);
  rmSync(home, { recursive: true, force: true });
});

function mount(folder: string, options: string): boolean {
  mkdirSync(folder, { recursive: true });
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status === 0;
  if (isMounted) mounted.push(folder);
  return isMounted;
}

const layout = () => ({ root: join(home, 'disk', 'out'), isPrivate: () => true });
const file = (path: string, content: string, secret = false): Change => ({
  kind: 'replace',
  path,
  rank: secret ? 'key' : 'file',
  content,
  secret,
  existing: 'replace',
});

async function problem(changes: readonly Change[]): Promise<string> {
  try {
    await commit(changes, layout());
  } catch (error) {
    if (error instanceof CertrelayError) return `${error.exit} ${error.problems[0]?.code}`;
    throw error;
  }
  return 'done';
}

/** Runs as another user; the effective one is what counts for files. */
async function asNobody<Result>(run: () => Promise<Result>): Promise<Result> {
  process.setegid?.(nobody);
  process.seteuid?.(nobody);
  try {
    return await run();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

describe.skipIf(needs('root', 'mount', 'umount'))('a disk', () => {
  it('that is full loses nothing, and nothing stays behind', async ({ skip }) => {
    if (!mount(join(home, 'disk'), 'size=256k')) skip('no tmpfs can be mounted here');
    expect(await problem([file('hosts/a/old', 'old\n')])).toBe('done');
    const many = Array.from({ length: 100 }, (_, index) => file(`hosts/h${index}/key`, 'x'.repeat(8192), true));
    expect(await problem([...many, file('hosts/a/old', 'new\n')])).toBe('failure file-enospc');
    expect(readdirSync(join(home, 'disk'), { recursive: true })).toEqual([
      'out',
      'out/hosts',
      'out/hosts/a',
      'out/hosts/a/old',
    ]);
    expect(statSync(join(home, 'disk/out/hosts/a/old')).size).toBe(4);
    expect(await problem(many.slice(0, 5))).toBe('done');
  });

  it('that is full refuses an append and keeps the lines before', async ({ skip }) => {
    if (!mount(join(home, 'disk'), 'size=64k')) skip('no tmpfs can be mounted here');
    const append = (content: string, size: number): Change => ({
      kind: 'append',
      path: 'ledger.jsonl',
      rank: 'ledger',
      content,
      size,
      keep: size,
    });
    expect(await problem([append('one\n', 0)])).toBe('done');
    expect(await problem([append(`${'x'.repeat(200_000)}\n`, 4)])).toBe('failure file-enospc');
    expect(statSync(join(home, 'disk/out/ledger.jsonl')).size).toBe(4);
  });

  it('that is read-only is told', async ({ skip }) => {
    if (!mount(join(home, 'disk'), 'size=64k')) skip('no tmpfs can be mounted here');
    spawnSync('mount', ['-o', 'remount,ro', join(home, 'disk')]);
    expect(await problem([file('a', 'b')])).toBe('failure file-erofs');
  });
});

describe.skipIf(needs('root'))('a folder', () => {
  it("that is someone else's is refused, at the root and below", async () => {
    mkdirSync(layout().root, { recursive: true });
    chownSync(layout().root, nobody, nobody);
    expect(await problem([file('a', 'b')])).toBe('usage folder-foreign');
    chownSync(layout().root, 0, 0);
    mkdirSync(join(layout().root, 'hosts'));
    chownSync(join(layout().root, 'hosts'), nobody, nobody);
    expect(await problem([file('hosts/a', 'b')])).toBe('usage folder-foreign');
    expect(readdirSync(layout().root, { recursive: true })).toEqual(['hosts']);
  });

  it('that is not writable is told to its own user', async () => {
    chmodSync(home, 0o711);
    mkdirSync(join(home, 'disk'), { mode: 0o500 });
    chownSync(join(home, 'disk'), nobody, nobody);
    expect(await asNobody(() => problem([file('a', 'b')]))).toBe('failure file-eacces');
    chmodSync(join(home, 'disk'), 0o700);
    expect(await asNobody(() => problem([file('a', 'b')]))).toBe('done');
    chmodSync(layout().root, 0o500);
    expect(await asNobody(() => problem([file('a', 'c'), file('d', 'e')]))).toBe('failure file-eacces');
    expect(readdirSync(layout().root)).toEqual(['a']);
  });

  it('with a file that its user may not read is told', async () => {
    chmodSync(home, 0o711);
    mkdirSync(layout().root, { recursive: true });
    writeFileSync(join(layout().root, 'a'), 'b', { mode: 0o600 });
    chownSync(layout().root, nobody, nobody);
    expect(await asNobody(() => problem([file('a', 'c')]))).toBe('failure file-eacces');
  });
});
