import { spawnSync } from 'node:child_process';
import { chownSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { readSecret, readSecretLine } from '../../../src/lib/files/secret.ts';
import { CertrelayError } from '../../../src/lib/problem.ts';
import { needs } from '../../needs.ts';

const folder = mkdtempSync(join(tmpdir(), 'certrelay-secret-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

function write(name: string, content: string | Uint8Array, mode = 0o600): string {
  writeFileSync(at(name), content, { mode });
  return at(name);
}

/** The secret, or the code of the problem. */
function outcome(path: string, read = () => readSecretLine(path, path, 'passphrase')): string {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CertrelayError)) throw error;
    expect(error.exit).toBe('usage');
    return error.problems.map(({ code }) => code).join();
  }
}

describe('a file that holds a secret', () => {
  it.each([0o400, 0o600, 0o700])('of mode %o is read', (mode) => {
    expect(outcome(write(`closed-${mode}`, 'horse\n', mode))).toBe('horse');
  });

  it.each([0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666])('of mode %o is refused', (mode) => {
    spawnSync('chmod', [mode.toString(8), write(`open-${mode}`, 'horse\n')]);
    expect(outcome(at(`open-${mode}`))).toBe('secret-open');
  });

  it('is read up to the end of its first line, blanks and letters of any script included', () => {
    expect(outcome(write('plain', 'horse'))).toBe('horse');
    expect(outcome(write('blanks', '  correct horse \n'))).toBe('  correct horse ');
    expect(outcome(write('notes', 'horse\nurl: https://example.com\n'))).toBe('horse');
    expect(outcome(write('umlaut', 'Rößlein 馬\n'))).toBe('Rößlein 馬');
    expect(readSecret(write('whole', 'one\ntwo\n'), 'whole')).toBe('one\ntwo\n');
  });

  it.each<readonly [string, string | Uint8Array, string]>([
    ['nothing', '', 'secret-empty'],
    ['an empty line', '\nhorse\n', 'secret-empty'],
    ['Latin-1', Uint8Array.of(0x52, 0xf6, 0xdf, 0x0a), 'secret-encoding'],
    ['half a character', Uint8Array.of(0x68, 0xc3), 'secret-encoding'],
    ['a surrogate', Uint8Array.of(0xed, 0xa0, 0x80, 0x0a), 'secret-encoding'],
    ['UTF-16', Buffer.from('\ufeffhorse', 'utf16le'), 'secret-encoding'],
    ['a byte order mark', '\ufeffhorse\n', 'secret-mark'],
    ['a carriage return', 'horse\r\n', 'secret-control'],
    ['a NUL', 'ho\0rse\n', 'secret-control'],
    ['far too much', 'x'.repeat(70_000), 'file-too-large'],
  ])('with %s is refused', (name, content, code) => {
    expect(outcome(write(name.replaceAll(' ', '-'), content))).toBe(code);
  });

  it('is no link, directory or device', () => {
    symlinkSync(write('target', 'horse\n'), at('link'));
    symlinkSync(at('nowhere'), at('dangling'));
    mkdirSync(at('directory'));
    expect(outcome(at('link'))).toBe('secret-link');
    expect(outcome(at('dangling'))).toBe('secret-link');
    expect(outcome(at('directory'))).toBe('file-eisdir');
    expect(outcome('/dev/null')).toBe('secret-kind');
    expect(outcome(at('missing'))).toBe('file-enoent');
    linkSync(at('target'), at('second-name'));
    expect(outcome(at('second-name')), 'a second name has the same owner and mode').toBe('horse');
  });

  it.skipIf(needs('root'))('belongs to this user or to root', () => {
    chownSync(write('foreign', 'horse\n'), 65_534, 65_534);
    expect(outcome(at('foreign'))).toBe('secret-foreign');
    chownSync(write('foreign-open', 'horse\n'), 65_534, 65_534);
    expect(outcome(at('foreign-open'))).toBe('secret-foreign');
  });

  it.skipIf(needs('root'))('has a mask for its mode where systemd made it, and there alone', () => {
    const credential = write('credential', 'horse\n');
    const read = (source: 'file' | 'systemd credential') =>
      outcome(credential, () => readSecretLine(credential, credential, 'passphrase', source));
    spawnSync('chmod', ['0440', credential]);
    expect([read('file'), read('systemd credential')]).toEqual(['secret-open', 'horse']);
    spawnSync('chmod', ['0444', credential]);
    expect(read('systemd credential')).toBe('secret-open');
    spawnSync('chmod', ['0440', credential]);
    chownSync(credential, 65_534, 0);
    expect(read('systemd credential')).toBe('secret-foreign');
  });

  it('shows nothing of a secret in a message', () => {
    for (const content of ['ho\0rse', '\ufeffhorse', 'horse\r\n']) {
      try {
        readSecretLine(write('shown', content), 'shown', 'passphrase');
      } catch (error) {
        expect(JSON.stringify(error)).not.toMatch(/horse|rse/);
      }
    }
  });
});

/** What a script of bash makes of a path that it hands to this program. */
describe('a pipe', () => {
  const program = at('read.mjs');
  const source = `import { readSecretLine } from './src/lib/files/secret.ts';
    try { console.log(readSecretLine(process.argv[2], 'it', 'passphrase')); }
    catch (error) { console.log(error.problems?.[0].code ?? error); }`;
  buildSync({
    stdin: { contents: source, resolveDir: fileURLToPath(new URL('../../..', import.meta.url)) },
    ...{ bundle: true, platform: 'node', format: 'esm', outfile: program },
  });
  const node = `'${process.execPath}' '${program}'`;
  const bash = (line: string) =>
    spawnSync('bash', ['-c', line.replaceAll('READ', node)], { cwd: folder, encoding: 'utf8' }).stdout.trim();

  it.each([
    ['of a process substitution', 'READ <(echo horse)', 'horse'],
    ['that is slow', 'READ <(sleep 0.3; printf ho; sleep 0.3; echo rse)', 'horse'],
    ['that is standard input', 'echo horse | READ /dev/stdin', 'horse'],
    ['that is standard input by number', 'echo horse | READ /proc/self/fd/0', 'horse'],
    ['of a here-document', 'READ /dev/fd/3 3<<<horse', 'horse'],
    ['that has a name', 'mkfifo -m 600 named; echo horse >named & READ named', 'horse'],
    ['that has a name and is open to others', 'mkfifo -m 622 open; echo horse >open & READ open', 'secret-open'],
    ['with nothing in it', 'READ <(true)', 'secret-empty'],
    ['that is a closed file', '(umask 077; echo horse >closed); READ /dev/stdin <closed', 'horse'],
    ['that is a file open to others', 'echo horse >loose; chmod 644 loose; READ /dev/stdin <loose', 'secret-open'],
    ['that is a device', 'READ /dev/stdin </dev/null', 'secret-kind'],
    ['that does not exist', 'READ /dev/fd/99', 'file-ebadf'],
  ])('%s', (_what, line, expected) => {
    expect(bash(line)).toBe(expected);
  });
});
