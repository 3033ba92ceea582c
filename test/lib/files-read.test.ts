import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plainText, readBytes, readText, readTextIfAny } from '../../src/lib/files/read.ts';
import { CertrelayError } from '../../src/lib/problem.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'certrelay-read-'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const at = (name: string) => join(home, name);
function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof CertrelayError) return `${error.exit} ${error.problems[0]?.code}`;
    throw error;
  }
  return 'done';
}

describe('reading', () => {
  it('takes byte order marks and either line end', () => {
    writeFileSync(at('a'), '\ufeffone\r\ntwo\rthree\n');
    expect(readText(at('a'))).toBe('one\ntwo\rthree\n');
    expect(plainText('')).toBe('');
    writeFileSync(at('b'), '\ufeffx', 'utf16le');
    expect(codeOf(() => readText(at('b')))).toBe('usage file-utf16');
  });

  it('follows links and reads what has no size', () => {
    writeFileSync(at('a'), 'text');
    symlinkSync('a', at('b'));
    expect(readText(at('b'))).toBe('text');
    expect(readText('/proc/self/stat').length).toBeGreaterThan(10);
    spawnSync('mkfifo', [at('pipe')]);
    const writer = spawn('sh', ['-c', 'exec head -c 300000 /dev/zero > "$1"', 'sh', at('pipe')], { stdio: 'ignore' });
    expect(readBytes(at('pipe'))).toHaveLength(300_000);
    writer.unref();
  });

  it('ends at its limit', () => {
    writeFileSync(at('a'), 'x'.repeat(1000));
    expect(readBytes(at('a'), 1000)).toHaveLength(1000);
    expect(codeOf(() => readBytes(at('a'), 999))).toBe('usage file-too-large');
    expect(codeOf(() => readBytes('/dev/zero', 1_000_000))).toBe('usage file-too-large');
  });

  it.each([
    ['none', 'usage file-enoent'],
    ['', 'usage file-eisdir'],
    ['a/b', 'usage file-enotdir'],
    ['loop', 'usage file-eloop'],
    [`${'x'.repeat(300)}`, 'usage file-enametoolong'],
  ])('tells why not: %s', (name, code) => {
    writeFileSync(at('a'), '');
    symlinkSync('loop', at('loop'));
    expect(codeOf(() => readText(at(name)))).toBe(code);
  });

  it('may find nothing', () => {
    writeFileSync(at('a'), '');
    expect(readTextIfAny(at('none'))).toBeUndefined();
    expect(readTextIfAny(at('a/b'))).toBeUndefined();
    expect(readTextIfAny(at('a'))).toBe('');
    expect(codeOf(() => readTextIfAny(home))).toBe('usage file-eisdir');
  });
});
