import { createPrivateKey, X509Certificate } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { certrelay } from './commands.ts';

/** A first run that was killed between its keys and its ledger: the authority's key is there, and nothing tells of it. */
const folders = mkdtempSync(join(tmpdir(), 'certrelay-authority-key-'));
afterAll(() => rmSync(folders, { recursive: true, force: true }));
writeFileSync(join(folders, 'passphrase'), 'a passphrase of some length\n', { mode: 0o600 });

describe.each([
  ['plain', []],
  ['encrypted', ['--passphrase-file', join(folders, 'passphrase')]],
])('the key of an authority that was never told of, %s', (name, more) => {
  test('becomes the key of the authority', async () => {
    const cwd = join(folders, name);
    const line = [
      'init',
      '--server',
      's.example.com',
      '--client',
      'a.example.com',
      '--postfix',
      '3.7',
      '--yes',
      ...more,
    ];
    mkdirSync(join(cwd, 'out', 'ca'), { recursive: true, mode: 0o700 });
    const elsewhere = join(folders, `${name}-killed`);
    mkdirSync(elsewhere);
    expect((await certrelay(elsewhere, line)).status).toBe(0);
    const keyFile = join(cwd, 'out', 'ca', 'cakey.pem');
    cpSync(join(elsewhere, 'out', 'ca', 'cakey.pem'), keyFile);
    const before = readFileSync(keyFile, 'utf8');

    expect((await certrelay(cwd, line)).status).toBe(0);
    expect(readFileSync(keyFile, 'utf8')).toBe(before);
    const certificate = new X509Certificate(readFileSync(join(cwd, 'out', 'ca', 'cacert.pem')));
    const key = createPrivateKey({ key: before, passphrase: 'a passphrase of some length' });
    expect(certificate.checkPrivateKey(key)).toBe(true);
    // What it issues later is signed by that key as well.
    expect((await certrelay(cwd, ['add', 'b.example.com', ...more])).status).toBe(0);
    const leaf = new X509Certificate(readFileSync(join(cwd, 'out', 'hosts', 'b.example.com', 'b.example.com.crt')));
    expect(leaf.verify(certificate.publicKey)).toBe(true);
  });
});
