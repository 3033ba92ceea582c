import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Append, Change, Layout, Replace } from '../../src/lib/files/change.ts';
import { commit, pending } from '../../src/lib/files/files.ts';
import { disk, type FileOperations } from '../../src/lib/files/operations.ts';
import { CertrelayError } from '../../src/lib/problem.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'certrelay-files-'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const layout = (root = join(home, 'out')): Layout => ({
  root,
  isPrivate: (folder) => folder === 'ca' || folder.startsWith('hosts/'),
});

function replace(path: string, content: string, more: Partial<Replace> = {}): Replace {
  return { kind: 'replace', path, rank: 'file', content, secret: false, existing: 'replace', ...more };
}
const key = (path: string, content: string): Replace => replace(path, content, { rank: 'key', secret: true });
const append = (content: string, size = 0, keep = size): Append => ({
  kind: 'append',
  path: 'ledger.jsonl',
  rank: 'ledger',
  content,
  size,
  keep,
});

const setUp = (): Change[] => [
  replace('inventory.json', '{}\n', { rank: 'inventory' }),
  replace('hosts/a.example.com/main.cf', 'x = y\n'),
  append('{"event":1}\n'),
  key('hosts/a.example.com/a.example.com.key', 'secret\n'),
  key('ca/cakey.pem', 'more secret\n'),
];

const mode = (...path: string[]) => (statSync(join(home, 'out', ...path)).mode & 0o7777).toString(8);
const content = (...path: string[]) => readFileSync(join(home, 'out', ...path), 'utf8');

/** Every file and folder below, with its content. */
function tree(folder = join(home, 'out')): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    found[path.slice(folder.length + 1)] = entry.isFile() ? readFileSync(path, 'utf8') : '/';
  }
  return found;
}

async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof CertrelayError) return `${error.exit} ${error.problems[0]?.code}`;
    throw error;
  }
  return 'done';
}

describe('modes', () => {
  it.each([0o000, 0o022, 0o077, 0o777])('are what they should be with umask %o', async (umask) => {
    const before = process.umask(umask);
    try {
      await commit(setUp(), layout());
    } finally {
      process.umask(before);
    }
    expect([mode(), mode('hosts'), mode('ca'), mode('hosts', 'a.example.com')]).toEqual(['755', '755', '700', '700']);
    expect([mode('ca', 'cakey.pem'), mode('hosts/a.example.com/a.example.com.key')]).toEqual(['600', '600']);
    expect([mode('inventory.json'), mode('ledger.jsonl'), mode('hosts/a.example.com/main.cf')]).toEqual([
      '644',
      '644',
      '644',
    ]);
  });

  it('are repaired without touching the content', async () => {
    await commit(setUp(), layout());
    disk.setMode(join(home, 'out/ca/cakey.pem'), 0o644);
    disk.setMode(join(home, 'out/ca'), 0o777);
    const before = statSync(join(home, 'out/ca/cakey.pem')).mtimeMs;
    const again = [key('ca/cakey.pem', 'more secret\n')];
    expect(pending(again, layout()).repaired).toEqual(['ca', 'ca/cakey.pem']);
    expect((await commit(again, layout())).repaired).toEqual(['ca', 'ca/cakey.pem']);
    expect([mode('ca'), mode('ca/cakey.pem')]).toEqual(['700', '600']);
    expect(statSync(join(home, 'out/ca/cakey.pem')).mtimeMs).toBe(before);
  });

  it('of a file to be kept are repaired, whatever it holds, and nothing is made', async () => {
    await commit(setUp(), layout());
    disk.setMode(join(home, 'out/ca/cakey.pem'), 0o644);
    const keep = (path: string): Change => ({ kind: 'keep', path, rank: 'key', secret: true });
    const done = await commit([keep('ca/cakey.pem'), keep('ca/none.pem')], layout());
    expect(done).toEqual({ written: [], repaired: ['ca/cakey.pem'], removed: [], unchanged: ['ca/none.pem'] });
    expect([mode('ca/cakey.pem'), content('ca/cakey.pem')]).toEqual(['600', 'more secret\n']);
    expect(readdirSync(join(home, 'out/ca'))).toEqual(['cakey.pem']);
  });

  it('of a root that exists are left alone', async () => {
    mkdirSync(join(home, 'out'));
    disk.setMode(join(home, 'out'), 0o1777);
    await commit(setUp(), layout());
    expect(mode()).toBe('1777');
  });
});

describe('a commit', () => {
  it('takes effect in the order of the ranks', async () => {
    expect((await commit(setUp(), layout())).written).toEqual([
      'hosts/a.example.com/a.example.com.key',
      'ca/cakey.pem',
      'ledger.jsonl',
      'hosts/a.example.com/main.cf',
      'inventory.json',
    ]);
  });

  it('does not touch what is as it should be', async () => {
    await commit(setUp(), layout());
    const long = new Date('2001-02-03T04:05:06Z');
    const paths = Object.keys(tree());
    for (const path of paths) utimesSync(join(home, 'out', path), long, long);
    utimesSync(join(home, 'out'), long, long);
    const again = setUp().map((change) => (change.kind === 'append' ? append('', 12) : change));
    expect(await commit(again, layout())).toMatchObject({ written: [], repaired: [] });
    for (const path of ['.', ...paths]) expect(statSync(join(home, 'out', path)).mtime).toEqual(long);
  });

  it('works in a relative root, however it is written', async () => {
    const before = process.cwd();
    process.chdir(home);
    try {
      for (const root of ['out', './other/', 'a/b/../c/out', '.']) {
        await commit(setUp(), layout(root));
        expect(readFileSync(join(home, root, 'ca/cakey.pem'), 'utf8')).toBe('more secret\n');
      }
    } finally {
      process.chdir(before);
    }
  });

  it('writes more files than may be open at once', async () => {
    const many = Array.from({ length: 1500 }, (_, index) => replace(`many/${index}`, `${index}\n`));
    await commit(many, layout());
    expect(readdirSync(join(home, 'out/many')).length).toBe(1500);
  });

  it('never overwrites what must stay, and then writes nothing at all', async () => {
    await commit([replace('ca/cacert.pem', 'old\n')], layout());
    const before = tree();
    const changes = [...setUp(), replace('ca/cacert.pem', 'new\n', { existing: 'refuse' })];
    expect(await codeOf(() => commit(changes, layout()))).toBe('usage file-exists');
    expect(tree()).toEqual(before);
    expect(await codeOf(() => commit([replace('ca/cacert.pem', 'old\n', { existing: 'refuse' })], layout()))).toBe(
      'done',
    );
  });

  it('refuses a path that leaves the root', async () => {
    for (const path of ['../x', '/etc/x', 'a/../../x', 'a//b', './a']) {
      await expect(commit([replace(path, '')], layout())).rejects.toThrow('not a path below the root');
    }
  });
});

describe('appending', () => {
  it('adds to what is there and cuts off the rest of a torn write', async () => {
    await commit([append('one\n')], layout());
    await commit([append('two\n', 4)], layout());
    writeFileSync(join(home, 'out/ledger.jsonl'), 'thr', { flag: 'a' });
    await commit([append('three\n', 11, 8)], layout());
    expect(content('ledger.jsonl')).toBe('one\ntwo\nthree\n');
  });

  it('refuses a file that somebody else has written to', async () => {
    await commit([append('one\n')], layout());
    expect(await codeOf(() => commit([key('ca/cakey.pem', 'x'), append('two\n', 0)], layout()))).toBe(
      'failure file-changed-meanwhile',
    );
    expect(tree()).toEqual({ 'ledger.jsonl': 'one\n' });
  });
});

describe('what stands in the way', () => {
  const out = () => join(home, 'out');

  it('is named: a file instead of the folder', async () => {
    writeFileSync(out(), 'mine');
    expect(await codeOf(() => commit(setUp(), layout()))).toBe('usage folder-not');
    expect(await codeOf(() => commit(setUp(), layout(join(out(), 'below', 'it'))))).toBe('usage folder-not');
    expect(readFileSync(out(), 'utf8')).toBe('mine');
  });

  it('is named: links to folders, at the root and below', async () => {
    mkdirSync(join(home, 'elsewhere'));
    symlinkSync('elsewhere', out());
    expect(await codeOf(() => commit(setUp(), layout()))).toBe('usage folder-link');
    rmSync(out());
    symlinkSync('nowhere', out());
    expect(await codeOf(() => commit(setUp(), layout()))).toBe('usage folder-link');
    rmSync(out());
    mkdirSync(out());
    symlinkSync('../elsewhere', join(out(), 'hosts'));
    expect(await codeOf(() => commit(setUp(), layout()))).toBe('usage folder-link');
    expect(readdirSync(join(home, 'elsewhere'))).toEqual([]);
  });

  it('is named: links to files, folders instead of files, and files instead of folders', async () => {
    mkdirSync(join(out(), 'inventory.json'), { recursive: true });
    expect(await codeOf(() => commit(setUp(), layout()))).toBe('usage file-not');
    rmSync(out(), { recursive: true });
    mkdirSync(join(out(), 'ca'), { recursive: true });
    symlinkSync('/dev/null', join(out(), 'ca/cakey.pem'));
    expect(await codeOf(() => commit(setUp(), layout()))).toBe('usage file-link');
    rmSync(out(), { recursive: true });
    mkdirSync(out());
    writeFileSync(join(out(), 'hosts'), '');
    expect(await codeOf(() => commit(setUp(), layout()))).toBe('usage folder-not');
  });

  it('is replaced: what a killed run left under a temporary name, even a link', async () => {
    mkdirSync(join(out(), 'ca'), { recursive: true });
    writeFileSync(join(home, 'victim'), 'untouched');
    symlinkSync('../../victim', join(out(), 'ca/.cakey.pem.new'));
    await commit(setUp(), layout());
    expect(readFileSync(join(home, 'victim'), 'utf8')).toBe('untouched');
    expect(readdirSync(join(out(), 'ca'))).toEqual(['cakey.pem']);
  });

  it('is told from its error number', async () => {
    for (const [code, exit] of [
      ['EACCES', 'failure'],
      ['EROFS', 'failure'],
      ['ENOSPC', 'failure'],
      ['EIO', 'failure'],
      ['EXOTIC', 'failure'],
    ]) {
      const create = () => {
        throw Object.assign(new Error('system'), { code });
      };
      expect(await codeOf(() => commit(setUp(), layout(), { ...disk, create }))).toBe(
        `${exit} file-${code?.toLowerCase()}`,
      );
      expect(readdirSync(home)).toEqual([]);
    }
  });
});

/** The disk, but the power goes off at one operation: that one and all later ones do not happen. */
function stopping(at: number): { readonly files: FileOperations; readonly count: () => number } {
  let count = 0;
  const files = Object.fromEntries(
    Object.entries(disk).map(([name, operation]) => [
      name,
      (...given: unknown[]) => {
        if (++count > at) throw new Error('stopped');
        return Reflect.apply(operation, disk, given);
      },
    ]),
  );
  return { files: files as unknown as FileOperations, count: () => count };
}

describe('a run that is killed', () => {
  const earlier = (): Change[] => [
    replace('inventory.json', 'old inventory\n', { rank: 'inventory' }),
    replace('hosts/a.example.com/main.cf', 'old\n'),
    append('first\n'),
  ];
  const later = (size: number, keep = size): Change[] => [
    replace('inventory.json', 'new inventory\n', { rank: 'inventory' }),
    replace('hosts/a.example.com/main.cf', 'new\n'),
    append('second\n', size, keep),
    key('hosts/b.example.com/b.example.com.key', 'key\n'),
  ];

  it('leaves old or new at every operation, in the order of the ranks, and is completed by the next', async () => {
    const counting = stopping(Number.POSITIVE_INFINITY);
    await commit(earlier(), layout());
    await commit(later(6), layout(), counting.files);
    expect(counting.count()).toBeGreaterThan(20);
    const complete = tree();
    for (let at = 0; at < counting.count(); at++) {
      rmSync(join(home, 'out'), { recursive: true });
      await commit(earlier(), layout());
      await expect(commit(later(6), layout(), stopping(at).files)).rejects.toThrow('stopped');
      const left = tree();
      const inventoryIsNew = left['inventory.json'] === 'new inventory\n';
      const fileIsNew = left['hosts/a.example.com/main.cf'] === 'new\n';
      const ledger = left['ledger.jsonl'] ?? '';
      expect(['old inventory\n', 'new inventory\n']).toContain(left['inventory.json']);
      expect(['old\n', 'new\n']).toContain(left['hosts/a.example.com/main.cf']);
      expect('first\nsecond\n'.startsWith(ledger) && ledger.startsWith('first\n')).toBe(true);
      if (inventoryIsNew) expect(fileIsNew).toBe(true);
      if (fileIsNew) expect(ledger).toBe('first\nsecond\n');
      if (ledger !== 'first\n') expect(left['hosts/b.example.com/b.example.com.key']).toBe('key\n');

      const done = ledger === 'first\nsecond\n';
      const next = later(ledger.length, 6).map((change) =>
        change.kind === 'append' && done ? append('', 13) : change,
      );
      await commit(next, layout());
      expect(tree()).toEqual(complete);
    }
  });
});
