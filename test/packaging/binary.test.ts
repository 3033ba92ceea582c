import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../needs.ts';

/**
 * The single executable, in a folder of its own: no Node in the path, no environment at all, and no file of certrelay
 * beside it.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const name = `certrelay-${process.platform}-${process.arch}`;
let home = '';
let built = '';

function certrelay(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(join(home, name), args, { cwd: home, encoding: 'utf8', env: {} });
  return { status, stdout, stderr };
}

describe.skipIf(needs('linux'))('the single executable', () => {
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'certrelay-binary-'));
    const made = spawnSync(process.execPath, [join(root, 'src/packaging/binary.js'), home], { encoding: 'utf8' });
    expect(made.status, made.stderr).toBe(0);
    built = made.stdout;
  }, 240_000);
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it('is one file, and the licences of what is in it', () => {
    expect(readdirSync(home).sort()).toEqual([name, `${name}.LICENCES.txt`]);
    const licences = readFileSync(join(home, `${name}.LICENCES.txt`), 'utf8');
    for (const part of ['commander', 'handlebars', 'inquirer', '@peculiar/x509', 'Node.js v']) {
      expect(licences).toContain(`\n${part}`);
    }
  });

  it('runs with the C library of 2018, when it is built with the Node of nodejs.org', () => {
    const [, major, minor] = /needs glibc (\d+)\.(\d+)/.exec(built) ?? [];
    expect(Number(major)).toBe(2);
    expect(Number(minor)).toBeLessThanOrEqual(28);
  });

  it('says its version, and takes no option for one of Node', () => {
    expect(certrelay('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
    expect(certrelay('--eval', '1').stderr).toContain('unknown option "--eval"');
  });

  it('sets up a relay from the templates inside, verifies it, and finds nothing to do', () => {
    const hosts = ['--server', 'relay.example.com', '--client', 'web.example.com'];
    const made = certrelay('init', '--yes', '--os', 'rhel8', ...hosts);
    expect(made.status, made.stderr).toBe(0);
    expect(readFileSync(join(home, 'out/hosts/relay.example.com/main.cf'), 'utf8')).toContain('permit_tls_clientcerts');
    expect(existsSync(join(home, 'out/hosts/web.example.com/install.sh'))).toBe(true);
    expect(certrelay('verify').status).toBe(0);
    expect(certrelay('render', '--check').status).toBe(0);
    expect(certrelay('rotate', 'web.example.com').status).toBe(0);
  });

  it('renders what the package renders, byte for byte', () => {
    const other = join(home, 'by-node');
    cpSync(join(home, 'out'), other, { recursive: true });
    const checked = spawnSync(process.execPath, [join(root, 'dist/cli.js'), 'render', '--check', '--out', other]);
    expect(checked.status, String(checked.stderr)).toBe(0);
  });

  it('simulates and explains', () => {
    const seed = join(root, 'test/fixtures/seed');
    const fingerprint = 'sha1=12:34:56:78:90:AB:CD:EF:FE:DC:BA:09:87:65:43:21:C0:DE:BE:EF';
    const answer = certrelay(
      ...['simulate', '--postfix', '2.10', '--main-cf', join(seed, 'server.postconf')],
      ...['--table', `/etc/postfix/relay_clientcerts=${join(seed, 'relay_clientcerts')}`],
      ...['--client-address', '192.168.1.1', '--fingerprint', fingerprint, '--trusted'],
      ...['--from', 'root@client.example.com', '--to', 'myemail@outside.org'],
    );
    expect(answer.status).toBe(3);
    expect(answer.stdout).toContain('454 4.7.1');
    const files = ['server.postconf', 'relay_clientcerts', 'server.log', 'client.log'];
    expect(certrelay('explain', ...files.map((file) => join(root, 'test/fixtures/case', file))).status).toBe(5);
  });

  it('is what its timer starts, by one name', () => {
    const { status, stdout } = certrelay('timer', '--cron');
    expect(status).toBe(0);
    expect(stdout).toContain(` root ${join(home, name)} rotate --due `);
  });
});
