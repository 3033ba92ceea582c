import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { cli, inFolder, init, interrupted, made, out, reply, shortSet, useTerminals } from './terminal-session.ts';

useTerminals();

describe.skipIf(needs('tmux', 'ps', 'stty'))('init on a terminal', () => {
  it('asks a few questions, makes everything, and says how to do it again', async () => {
    const terminal = init();
    await reply(terminal, shortSet);
    const { status, cooked, cursorShown } = await terminal.ending();
    expect([status, cooked, cursorShown], terminal.text()).toEqual([0, true, true]);
    const before = made();
    for (const path of [
      'inventory.json',
      'ledger.jsonl',
      'ca/cacert.pem',
      'hosts/mail.example.com/relay_clientcerts',
      'hosts/mail.example.com/install.sh',
      'hosts/web1.example.com/main.cf',
      'hosts/web2.example.com/web2.example.com.key',
    ]) {
      expect(Object.keys(before)).toContain(path);
    }
    const line = /^.*?(certrelay init .* --yes)$/m.exec(terminal.text())?.[1] ?? '';
    expect(line).toContain('--digest sha256');
    const script = `certrelay() { shift; ${cli()} "$@"; }\n${line}\n`;
    const second = spawnSync('sh', ['-eu'], { input: script, cwd: inFolder('.'), encoding: 'utf8' });
    expect([second.status, `${second.stdout}${second.stderr}`]).toEqual([
      0,
      expect.stringMatching(/nothing (has )?changed/),
    ]);
    expect(made()).toEqual(before);
  });

  it('encrypts the key with a passphrase that appears nowhere', async () => {
    const terminal = init();
    await reply(terminal, shortSet.slice(0, 5));
    await reply(terminal, [
      ["passphrase of the authority's key", 'correct horse'],
      ['the same again', 'correct house'],
    ]);
    await terminal.see('the two are not the same');
    await reply(terminal, [
      ["passphrase of the authority's key", 'correct horse'],
      ['the same again', 'correct horse'],
      ...shortSet.slice(6),
    ]);
    expect((await terminal.ending()).status, terminal.text()).toBe(0);
    expect(terminal.text()).not.toContain('horse');
    expect(terminal.text()).toContain('--passphrase-file FILE');
    expect(readFileSync(join(out(), 'ca/cakey.pem'), 'utf8')).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    expect(
      Object.values(made()).some((file) => Buffer.from(file.split(' ')[1] ?? '', 'base64').includes('horse')),
    ).toBe(false);
  });

  it('says what is wrong with an answer, and takes a better one in its place', async () => {
    const terminal = init();
    await terminal.answer('server host names', 'bad_name.example.com');
    await terminal.see(/^> .*"bad_name\.example\.com"/m);
    terminal.press('C-u');
    await terminal.answer('server host names', 'mail.example.com');
    await terminal.answer('client host names', '@missing.txt');
    await terminal.see(/^> .*"missing\.txt"/m);
    terminal.press('C-u');
    await terminal.answer('client host names', 'web1.example.com');
    await terminal.answer("the server's operating system", 'another');
    await terminal.answer("the server's Postfix version", '4.0');
    await terminal.see(/^> .*4\.0/m);
    terminal.press('C-u');
    await terminal.answer("the server's Postfix version", '3.5');
    await reply(terminal, shortSet.slice(3));
    expect((await terminal.ending()).status, terminal.text()).toBe(0);
    expect(JSON.parse(readFileSync(join(out(), 'inventory.json'), 'utf8')).settings).toMatchObject({
      postfix: '3.5',
      clientPostfix: '3.5',
    });
  });

  it('asks only what flags leave open', async () => {
    const terminal = init(
      '--server mail.example.com --client web1.example.com --os debian12 --client-os rhel9 --digest sha1',
    );
    await reply(terminal, shortSet.slice(5));
    expect((await terminal.ending()).status, terminal.text()).toBe(0);
    expect(terminal.text()).not.toMatch(/^\* (server|client|fingerprint)/m);
    expect(JSON.parse(readFileSync(join(out(), 'inventory.json'), 'utf8')).settings).toMatchObject({
      os: 'debian12',
      clientOs: 'rhel9',
    });
  });

  it('refuses a wrong flag before it asks anything', async () => {
    const terminal = init('--server "a b"');
    expect((await terminal.ending()).status).toBe(2);
    expect(terminal.text()).not.toMatch(/^\? /m);
  });

  it('keeps standard output for data: the prompts are on standard error', async () => {
    const terminal = init(`> '${inFolder('stdout')}'`);
    await reply(terminal, shortSet);
    expect((await terminal.ending()).status, terminal.text()).toBe(0);
    const stdout = readFileSync(inFolder('stdout'), 'utf8');
    expect(stdout).toContain('--server mail.example.com');
    expect(stdout).not.toMatch(/^[?*] |\[\d+m/m);
  });

  it('does nothing after a "no"', async () => {
    const terminal = init();
    await reply(terminal, [...shortSet.slice(0, -1), ['write this', 'n']]);
    await interrupted(terminal);
  });
});

describe.skipIf(needs('tmux', 'ps', 'stty'))('a second run', () => {
  it('says what exists and adds to it, and touches no key that was made', async () => {
    const first = init('--server mail.example.com --client web1.example.com --os debian12 --client-os debian12 --yes');
    expect((await first.ending()).status, first.text()).toBe(0);
    const before = made();
    const terminal = init();
    await terminal.see(/servers +mail\.example\.com\n *clients +web1\.example\.com/);
    await reply(terminal, [
      ['what is to be done', 'add clients'],
      ['client host names', 'web2.example.com'],
      ['write this', ''],
    ]);
    expect((await terminal.ending()).status, terminal.text()).toBe(0);
    const after = made();
    expect(Object.keys(after)).toContain('hosts/web2.example.com/web2.example.com.key');
    for (const path of Object.keys(before).filter((name) => /\.(key|crt)$|^ca\//.test(name)))
      expect(after[path], path).toBe(before[path]);
  });

  it('asks for the passphrase of an encrypted key, until it is the right one', async () => {
    const first = init();
    const passphrase = ['passphrase of the authority', 'correct horse'] as const;
    await reply(first, [
      ...shortSet.slice(0, 5),
      passphrase,
      ['the same again', 'correct horse'],
      ...shortSet.slice(6),
    ]);
    expect((await first.ending()).status, first.text()).toBe(0);
    const terminal = init('--client web3.example.com');
    await terminal.answer('write this', '');
    await terminal.answer('passphrase of the authority', 'wrong');
    await terminal.see(/^> .*passphrase/m);
    terminal.press('C-u');
    await terminal.answer(...passphrase);
    expect((await terminal.ending()).status, terminal.text()).toBe(0);
    expect(Object.keys(made())).toContain('hosts/web3.example.com/web3.example.com.key');
    expect(terminal.text()).not.toContain('horse');
  });

  it('that is interrupted changes nothing', async () => {
    const first = init('--server mail.example.com --client web1.example.com --os debian12 --client-os debian12 --yes');
    expect((await first.ending()).status, first.text()).toBe(0);
    const before = made();
    const terminal = init();
    await terminal.answer('what is to be done', 'add clients');
    await terminal.answer('client host names', 'web2.example.com');
    await terminal.see('? write this');
    terminal.press('C-c');
    expect((await terminal.ending()).status).toBe(130);
    expect(made()).toEqual(before);
  });
});
