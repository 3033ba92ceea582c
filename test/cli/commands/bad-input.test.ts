import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { program } from '../../setup/program.ts';
import { treeOf } from '../../setup/tree.ts';
import { workplace } from '../../setup/workplace.ts';

const shell = workplace();
/** For what concerns the process itself. */
const built = program();
const { at } = shell;
const hosts = ['--server', 'server.example.com', '--client', 'client.example.com'];
const long = (length: number) => 'a'.repeat(length);

/** What is wrong, and words that the message must have. */
const refused: readonly (readonly [what: string, args: readonly string[], says: string])[] = [
  ['no names at all', [], 'add --server NAME'],
  ['an empty name', ['--server', '', '--client', 'c.example'], 'is empty'],
  ['a name with a space', ['--server', 'a b', '--client', 'c.example'], 'holds a space'],
  ['a name with a line break', ['--server', 'a\nb', '--client', 'c.example'], 'a line break'],
  ['a name with a slash', ['--server', 'a/b', '--client', 'c.example'], 'holds a slash'],
  ['a name that climbs', ['--server', '..', '--client', 'c.example'], 'host name ".."'],
  ['a name with a quote', ['--server', "a'b", '--client', 'c.example'], 'a character that host names may not'],
  ['a name with a dollar', ['--server', 'a$b', '--client', 'c.example'], 'a character that host names may not'],
  [
    'a name that is too long',
    ['--server', `${long(60)}.${long(60)}.${long(60)}.${long(60)}.example`, '--client', 'c.example'],
    'long',
  ],
  ['a label that is too long', ['--server', `${long(64)}.example`, '--client', 'c.example'], '63 characters'],
  ['a name that is named twice', [...hosts, 'client.example.com'], 'is named twice'],
  ['an unknown version', [...hosts, '--postfix', '2.8'], 'outside the range 2.9 to 3.11'],
  ['no version', [...hosts, '--postfix', 'latest'], 'is not a Postfix version'],
  ['an unknown preset', [...hosts, '--os', 'beos'], 'Allowed choices are centos7'],
  ['an unknown digest', [...hosts, '--digest', 'sha3'], 'Allowed choices are sha1'],
  ['an unknown key type', [...hosts, '--key-type', 'dsa'], 'Allowed choices are ec-p256'],
  ['ed25519 for 2.10', [...hosts, '--key-type', 'ed25519', '--postfix', '2.10'], 'cannot use ed25519 keys'],
  ['defer for 2.9', [...hosts, '--unauthorized', 'defer', '--postfix', '2.9'], 'no defer_unauth_destination'],
  ['the relay list for 2.9', [...hosts, '--policy', 'relay', '--postfix', '2.9'], 'smtpd_relay_restrictions'],
  ['days of 0', [...hosts, '--days', '0'], 'not a whole number from 1'],
  ['days below 0', [...hosts, '--days', '-1'], 'not a whole number from 1'],
  ['days of 1e9', [...hosts, '--days', '1e9'], 'not a whole number from 1'],
  ['days without end', [...hosts, '--days', '1000000000'], 'not a whole number from 1'],
  ['a passphrase file that is not there', [...hosts, '--passphrase-file', 'nowhere'], 'no such file'],
  [
    'a passphrase file without a passphrase',
    [...hosts, '--passphrase-file', 'empty'],
    'no passphrase in its first line',
  ],
  ['a clients file with a bad name', [...hosts, '--clients-file', 'clients'], 'clients:2'],
  ['a config file with an unknown key', [...hosts, '--config', 'setup.yaml'], '"relay-prot" is not known'],
  ['a config file that is no YAML', [...hosts, '--config', 'broken.yaml'], 'broken.yaml:'],
  ['a base with a loop of $name', [...hosts, '--base-main-cf', 'loop'], 'macro processing error'],
  ['a base with a NUL byte', [...hosts, '--base-main-cf', 'nul'], 'NUL byte'],
  ['a base of 10 MB in one line', [...hosts, '--base-main-cf', 'huge'], 'larger than'],
  ['a base that is a folder', [...hosts, '--base-main-cf', '/'], 'a folder, not a file'],
  ['an option that does not exist', [...hosts, '--sever', 'x'], 'did you mean --server'],
];

beforeAll(() => {
  writeFileSync(at('empty'), '\n', { mode: 0o600 });
  writeFileSync(at('clients'), 'good.example.com\nbad name\n');
  writeFileSync(at('setup.yaml'), 'relay-prot: 587\n');
  writeFileSync(at('broken.yaml'), 'relay-port: [587\nx: }\n');
  writeFileSync(at('loop'), 'a = $b\nb = $a\nmynetworks = $a\n');
  writeFileSync(at('nul'), 'mynetworks = 127.0.0.0/8\0\n');
  writeFileSync(at('huge'), `x = ${'a'.repeat(10_000_000)}\n`);
});

describe('bad input is refused with one clear message, exit 2, and nothing written', () => {
  it.each(refused)('%s', async (_what, args, says) => {
    const done = await shell.certrelay('init', ...args, '--yes', '--out', 'out');
    expect(done.stderr.toLowerCase()).toContain(says.toLowerCase());
    expect(done.stderr).not.toMatch(/\n {4}at |internal error/);
    expect(done.status).toBe(2);
    expect(existsSync(at('out'))).toBe(false);
  });

  it('takes upper case and Unicode as what they mean, and says so', async () => {
    const done = await shell.certrelay(
      'init',
      '--server',
      'S.Example.COM',
      '--client',
      'bücher.example',
      '--yes',
      '--dry-run',
    );
    expect(done.status).toBe(0);
    expect(done.stderr).toContain('"S.Example.COM" is taken as "s.example.com"');
    expect(done.stderr).toContain('"bücher.example" is taken as "xn--bcher-kva.example"');
  });

  it('takes CRLF line ends and a byte order mark for what they are', async () => {
    writeFileSync(at('crlf'), '\uFEFFcompatibility_level = 3.6\r\nmynetworks = 127.0.0.0/8\r\n');
    writeFileSync(at('crlf-clients'), '\uFEFFname,owner\r\n"a.example.com",x\r\nb.example.com,y\r\n');
    const args = [
      '--server',
      's.example.com',
      '--clients-file',
      'crlf-clients',
      '--base-main-cf',
      'crlf',
      '--postfix',
      '3.7',
    ];
    const done = await shell.certrelay('init', ...args, '--yes', '--json', '--out', 'crlf-out');
    expect(done.status, done.stderr).toBe(0);
    const names = JSON.parse(done.stdout).hosts.map(({ name }: { name: string }) => name);
    expect(names.slice(1)).toEqual(['s.example.com', 'a.example.com', 'b.example.com']);
  });

  it('without a terminal names what is missing and never waits', () => {
    const done = built.run(['init', '--out', 'out'], { input: 'answers that nobody asked for\n' });
    expect([done.status, done.stdout]).toEqual([2, '']);
    expect(done.stderr).toMatch(/add --server NAME[\s\S]*add --client NAME, or --clients-file FILE/);
  });

  it('as JSON, too', () => {
    const done = built.certrelay('init', '--json', '--yes');
    expect(done.status).toBe(2);
    expect(JSON.parse(done.stdout)).toMatchObject({
      schema: 'certrelay/init@1',
      errors: [{ code: 'server-missing' }, { code: 'client-missing' }],
    });
  });
});

describe('a bad place for the state', () => {
  const out = (folder: string) => shell.certrelay('init', ...hosts, '--postfix', '3.7', '--yes', '--out', folder);

  it('is a file', async () => {
    writeFileSync(at('file'), 'mine\n');
    const done = await out('file');
    expect([done.status, done.stderr]).toEqual([2, expect.stringContaining('is a file, where a folder is needed')]);
    expect(readFileSync(at('file'), 'utf8')).toBe('mine\n');
  });

  it('is a link', async () => {
    spawnSync('sh', ['-c', 'mkdir real && ln -s real link'], { cwd: shell.folder });
    const done = await out('link');
    expect([done.status, done.stderr]).toEqual([2, expect.stringContaining('is a symbolic link')]);
    expect(Object.keys(treeOf(at('real')))).toEqual([]);
  });

  it.skipIf(needs('root'))("is somebody else's", async () => {
    spawnSync('sh', ['-c', 'mkdir other && chown 12345 other'], { cwd: shell.folder });
    const done = await out('other');
    expect([done.status, done.stderr]).toEqual([2, expect.stringContaining('belongs to another user (uid 12345)')]);
  });

  it.skipIf(needs('root', 'mount'))('is full: what was begun is taken away again', async () => {
    const mounted = spawnSync('sh', ['-c', 'mkdir full && mount -t tmpfs -o size=64k tmpfs full'], {
      cwd: shell.folder,
    });
    expect(mounted.status).toBe(0);
    try {
      const done = await out('full');
      expect([done.status, done.stderr]).toEqual([1, expect.stringContaining('the disk is full')]);
      expect(treeOf(at('full'))).toEqual({});
    } finally {
      spawnSync('umount', [at('full')]);
    }
  });

  it.skipIf(needs('root', 'mount'))('is read-only', async () => {
    const mounted = spawnSync('sh', ['-c', 'mkdir ro && mount -t tmpfs -o ro tmpfs ro'], { cwd: shell.folder });
    expect(mounted.status).toBe(0);
    try {
      const done = await out('ro');
      expect([done.status, done.stderr]).toEqual([1, expect.stringContaining('the file system is read-only')]);
    } finally {
      spawnSync('umount', [at('ro')]);
    }
  });
});

describe('damage in the state', () => {
  const damage = async (file: string, change: (text: string) => string) => {
    rmSync(at('state'), { recursive: true, force: true });
    expect((await shell.certrelay('init', ...hosts, '--postfix', '3.7', '--yes', '--out', 'state')).status).toBe(0);
    writeFileSync(at(`state/${file}`), change(readFileSync(at(`state/${file}`), 'utf8')));
    const before = treeOf(at('state'));
    const done = await shell.certrelay('init', ...hosts, '--yes', '--out', 'state');
    return { done, untouched: JSON.stringify(treeOf(at('state'))) === JSON.stringify(before) };
  };

  it('a truncated inventory is not overwritten', async () => {
    const { done, untouched } = await damage('inventory.json', (text) => text.slice(0, 300));
    expect([done.status, untouched]).toEqual([2, true]);
    expect(done.stderr).toMatch(/inventory\.json:\d+:\d+: the inventory ends in the middle/);
  });

  it('a newer schema is refused by its number', async () => {
    const { done, untouched } = await damage('inventory.json', (text) => text.replace('inventory@1', 'inventory@9'));
    expect([done.status, untouched]).toEqual([2, true]);
    expect(done.stderr).toContain('schema version 9');
  });

  it('a ledger that lost whole lines is refused', async () => {
    const { done, untouched } = await damage('ledger.jsonl', (text) => `${text.split('\n').slice(0, 2).join('\n')}\n`);
    expect([done.status, untouched]).toEqual([2, true]);
    expect(done.stderr).toContain('it lost its end');
  });

  it('garbage in the ledger is named by its line', async () => {
    const { done, untouched } = await damage(
      'ledger.jsonl',
      (text) => `${text.split('\n')[0]}\n%%%\n${text.split('\n').slice(1).join('\n')}`,
    );
    expect([done.status, untouched]).toEqual([2, true]);
    expect(done.stderr).toContain('ledger.jsonl:2:1');
  });

  it('a last line that was cut while it was written is completed', async () => {
    const { done } = await damage('ledger.jsonl', (text) => text.slice(0, -20));
    expect(done.status, done.stderr).toBe(0);
    expect(done.stderr).toContain('the last line was cut short');
    expect((await shell.certrelay('verify', '--out', 'state')).status).toBe(0);
    expect((await shell.certrelay('render', '--check', '--out', 'state')).status).toBe(0);
  });
});

describe('a reader that goes away', () => {
  it('ends nothing: the work is done and the exit code is that of the work', async () => {
    const cli = join(built.folder, 'package/dist/cli.js');
    const line = `{ node '${cli}' init ${hosts.join(' ')} --yes --out piped; echo $? >status; } | head -1`;
    const done = spawnSync('sh', ['-c', line], { cwd: shell.folder, encoding: 'utf8' });
    expect(done.stdout).toMatch(/^done: /);
    expect(done.stderr).not.toContain('EPIPE');
    expect(readFileSync(at('status'), 'utf8')).toBe('0\n');
    expect((await shell.certrelay('render', '--check', '--out', 'piped')).status).toBe(0);
  });
});

describe('what would count for nothing is refused', () => {
  it.each([
    [
      'a passphrase for a key that has none',
      ['init', '--yes', '--out', 'plain', '--passphrase-file', 'pass'],
      'is not encrypted',
    ],
    ['a folder without a name', ['init', ...hosts, '--yes', '--out', ''], 'the name of the folder is empty'],
    [
      'an option beside --batch',
      ['simulate', '--batch', 'lines', '--expect', 'reject'],
      '--expect has no effect with --batch',
    ],
    [
      'a part of a fingerprint',
      ['simulate', '--client-address', '192.0.2.1', '--fingerprint', 'sha256=AB:CD', '--main-cf', 'main'],
      'a sha256 fingerprint has 64 digits',
    ],
    [
      'networks that nobody owns',
      ['init', ...hosts, '--yes', '--out', 'out', '--mynetworks', '127.0.0.0/8 0.0.0.0/1'],
      'a large part of the Internet',
    ],
  ])('%s', async (_what, args, says) => {
    writeFileSync(at('pass'), 'correct horse\n', { mode: 0o600 });
    writeFileSync(at('main'), 'mynetworks = 127.0.0.0/8\n');
    if (!existsSync(at('plain'))) await shell.certrelay('init', ...hosts, '--yes', '--out', 'plain');
    const done = await shell.certrelay(...args);
    expect([done.status, done.stderr]).toEqual([2, expect.stringContaining(says)]);
  });

  it('a misspelt field of a scenario', async () => {
    const mainCf = { mynetworks: '127.0.0.0/8', compatibility_level: '3.7' };
    const session = { client: { address: '192.0.2.1' }, mailFrom: 'a@b.example', rcptto: ['c@d.example'] };
    const done = await shell.run(['simulate', '--batch', '-'], {
      input: `${JSON.stringify({ id: 7, postfix: '3.7', mainCf, session })}\n`,
    });
    expect(done.status).toBe(2);
    expect(JSON.parse(done.stdout)).toEqual({
      id: 7,
      error: {
        code: 'scenario-field',
        message: '"session.rcptto" is not known',
        hint: 'did you mean "rcptTo"?',
        line: 1,
      },
    });
  });

  it.skipIf(process.platform !== 'linux')('a report that cannot be written is a failure, in one line', () => {
    const cli = join(built.folder, 'package/dist/cli.js');
    const done = spawnSync('sh', ['-c', `node '${cli}' restrictions >/dev/full`], {
      cwd: shell.folder,
      encoding: 'utf8',
    });
    expect([done.status, done.stderr]).toEqual([1, 'certrelay: cannot write the output: ENOSPC\n']);
  });
});
