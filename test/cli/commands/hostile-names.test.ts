import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../needs.ts';
import { workplace } from '../../setup/workplace.ts';

const { at, certrelay, folder } = workplace();
const server = ['--server', 'server.example.com', '--yes'];
const good = ['--client', 'client.example.com'];
const print = (digit: string) => Array.from({ length: 20 }, () => `A${digit}`).join(':');

/** What would do something in a shell, in SQL, in main.cf, in a lookup table, in a template or on a terminal. */
const hostile = [
  '$(touch pwned)',
  '`touch pwned`',
  'a;touch pwned',
  'a|touch pwned',
  'a&touch pwned&',
  'a>pwned',
  "a'; touch pwned; '",
  'a"; touch pwned; "',
  'a$IFS',
  '-rf',
  '--out=/',
  "x'); DROP TABLE clients; --",
  "' OR '1'='1",
  '../../etc/passwd',
  'a\\b',
  '{{> _install}}',
  '#a',
  'a=b',
  'a,b',
  '*.example.com',
  'a\u0000b',
  '\u001b[2Ja',
  'a\u202eb',
] as const;

/** What a terminal obeys. */
const steering = /(?![\n\t])\p{Cc}|\p{Cf}/u;

/** Everything below the folder but what the test itself has put there. */
const made = () => readdirSync(folder).filter((name) => !name.startsWith('given'));

describe('a name with metacharacters has no effect', () => {
  const refusedOne = async (...args: readonly string[]) => {
    const { status, stdout, stderr } = await certrelay('init', ...server, ...args);
    expect([status, stdout], stderr).toEqual([2, '']);
    // What is quoted cannot act on the terminal.
    expect(stderr).not.toMatch(steering);
    expect(made()).toEqual([]);
  };

  it.each(hostile)('as an option: %j', async (name) => {
    await refusedOne(`--client=${name}`);
    await refusedOne(...good, `--server=${name}`);
  });

  it.each(hostile.filter((name) => !name.startsWith('#')))('in a clients file: %j', async (name) => {
    writeFileSync(at('given.txt'), `good.example.com\n${name}\n`);
    await refusedOne('--clients-file', 'given.txt');
    writeFileSync(at('given.csv'), `name,note\ngood.example.com,x\n"${name.replaceAll('"', '""')}",y\n`);
    await refusedOne('--clients-file', 'given.csv');
  });

  it.each(hostile)('in a configuration: %j', async (name) => {
    writeFileSync(at('given.json'), JSON.stringify({ client: [name] }));
    await refusedOne('--config', 'given.json');
    writeFileSync(at('given.yaml'), `client:\n  - ${JSON.stringify(name)}\n`);
    await refusedOne('--config', 'given.yaml');
    writeFileSync(
      at('given.json'),
      JSON.stringify({ client: ['c.example.com'], 'install-dir': `/etc/postfix/${name}` }),
    );
    await refusedOne('--config', 'given.json');
  });

  it.each(['add', 'remove', 'rotate'])('of certrelay %s', async (command) => {
    for (const name of hostile) {
      const { status } = await certrelay(command, '--yes', '--out', 'given-state', '--', name);
      expect([name, status]).toEqual([name, 2]);
    }
    expect(made()).toEqual([]);
  });
});

describe.skipIf(needs('openssl'))('texts of others, with metacharacters in them, have no effect', () => {
  const own = ['--out', 'state'];
  const subject = `/CN=$(touch pwned)\\/x/O=\`touch pwned\`'); DROP TABLE clients; --`;

  beforeAll(async () => {
    expect((await certrelay('init', ...server, ...good, ...own)).status).toBe(0);
    const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'given.key'];
    openssl('req', '-new', ...key, '-subj', subject, '-out', 'given.csr');
    openssl('req', '-x509', ...key, '-subj', subject, '-days', '30', '-out', 'given.crt');
  });

  /** Nothing was run; scripts are whole; maps hold fingerprints and comments; main.cf has its parameters and no more. */
  function harmless(state: string): void {
    expect(existsSync(at('pwned'))).toBe(false);
    const hosts = at(join(state, 'hosts'));
    for (const host of readdirSync(hosts)) {
      const script = readFileSync(join(hosts, host, 'install.sh'), 'utf8');
      expect(script).not.toContain('pwned');
      expect(spawnSync('sh', ['-n'], { input: script, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
      expect(readFileSync(join(hosts, host, 'main.cf'), 'utf8')).not.toContain('pwned');
    }
    const map = readFileSync(join(hosts, 'server.example.com', 'relay_clientcerts'), 'utf8');
    const lines = map.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    for (const line of lines) expect(line).toMatch(/^(?:[0-9A-F]{2}:){19}[0-9A-F]{2} [^\p{Cc}]+$/u);
    expect(map).not.toMatch(steering);
  }

  it('in the subject of a request', async () => {
    const foreign = await certrelay('add', 'csr.example.com', '--csr', 'given.csr', ...own);
    expect([foreign.status, foreign.stderr]).toEqual([2, expect.stringContaining('not for "csr.example.com"')]);
    const mine = ['-key', 'given.key', '-subj', '/O=$(touch pwned)', '-addext', 'subjectAltName=DNS:csr.example.com'];
    execFileSync('openssl', ['req', '-new', ...mine, '-out', 'given.csr'], { cwd: folder });
    const { status, stderr } = await certrelay('add', 'csr.example.com', '--csr', 'given.csr', ...own);
    expect(status, stderr).toBe(0);
    const input = readFileSync(at('state/hosts/csr.example.com/csr.example.com.crt'));
    const said = String(execFileSync('openssl', ['x509', '-noout', '-subject', '-ext', 'subjectAltName'], { input }));
    expect(said).not.toContain('pwned');
    expect(said).toContain('DNS:csr.example.com');
    harmless('state');
  });

  it('in the subject of a certificate from elsewhere', async () => {
    const { status } = await certrelay('add', 'cert.example.com', '--cert', 'given.crt', ...own);
    expect(status).toBe(0);
    harmless('state');
    expect((await certrelay('verify', ...own)).status).toBe(0);
  });

  it('in the comments and values of a map that is imported', async () => {
    writeFileSync(
      at('given-map'),
      [
        '# $(touch pwned) `touch pwned` \u001b[2J {{> _install}}',
        `${print('1')} $(touch pwned)`,
        "# '); DROP TABLE clients; --",
        `${print('2')} x'); DROP TABLE clients; --`,
        `${print('3')} a\u001b]0;title\u0007b`,
        `# ${'x'.repeat(5_000)}`,
        `${print('4')} ok.example.com\u2028mynetworks = 0.0.0.0/0`,
        '',
      ].join('\n'),
    );
    const { status, stdout, stderr } = await certrelay('init', ...server, '--import', 'given-map', '--out', 'imported');
    expect([status, stderr], stdout).toEqual([0, expect.not.stringMatching(steering)]);
    expect(stdout).not.toMatch(steering);
    harmless('imported');
    const listed = await certrelay('status', '--out', 'imported');
    expect(listed.stdout).not.toMatch(steering);
    const again = await certrelay(
      'init',
      ...server,
      '--import',
      'imported/hosts/server.example.com/relay_clientcerts',
      '--out',
      'twice',
    );
    expect(again.status, again.stderr).toBe(0);
    const seals = /^# sha256 of the lines above: /gm;
    expect(readFileSync(at('twice/hosts/server.example.com/relay_clientcerts'), 'utf8').match(seals)).toHaveLength(1);
  });
});
