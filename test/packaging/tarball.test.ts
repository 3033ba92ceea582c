import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands/index.ts';

/**
 * What `npm pack` makes, installed by npm itself into an empty folder with an empty cache and without the network:
 * it must bring everything that it needs.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
let home = '';
/** What package.json says is packed, and itself. */
const named: readonly string[] = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).files;
const packed = ['package.json', ...named.filter((part) => !part.startsWith('!'))];
let files: readonly { readonly path: string; readonly mode: number }[] = [];
const at = (...parts: readonly string[]) => join(home, ...parts);

function run(folder: string, program: string, ...args: readonly string[]) {
  // npm gives its settings to what it starts: the tests themselves may have been started by it.
  const env = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  return spawnSync(program, args, {
    cwd: at(folder),
    encoding: 'utf8',
    env: { ...Object.fromEntries(env), npm_config_cache: at('cache'), npm_config_update_notifier: 'false' },
  });
}

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'certrelay-tarball-'));
  // A copy, because another run of the tests may build dist/ anew meanwhile.
  for (const part of packed) {
    cpSync(join(root, part), at('source', part), { recursive: true });
  }
  // What a developer may have built besides is not for everybody.
  writeFileSync(at('source/dist/certrelay-linux-x64'), 'a single executable');
  for (const folder of ['user', 'global']) mkdirSync(at(folder));
  writeFileSync(at('user/package.json'), '{ "private": true, "type": "module" }\n');
  const done = run('source', 'npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', home);
  expect(done.status, done.stderr).toBe(0);
  files = JSON.parse(done.stdout)[0].files;
  const installed = run('user', 'npm', 'install', '--offline', '--ignore-scripts', tarball());
  expect(installed.status, installed.stderr).toBe(0);
}, 120_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

const tarball = () => at(`certrelay-${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version}.tgz`);

describe('the package', () => {
  it('names only what it has, and needs no other package', () => {
    const described = JSON.parse(readFileSync(at('user/node_modules/certrelay/package.json'), 'utf8'));
    expect(described.dependencies ?? {}).toEqual({});
    const named = [
      ...[described.bin.certrelay, ...described.man],
      ...Object.values(described.exports).flatMap((entry) =>
        typeof entry === 'string' ? [entry] : Object.values(entry as Record<string, string>),
      ),
    ];
    for (const path of named) expect(existsSync(at('user/node_modules/certrelay', path)), path).toBe(true);
    // A condition that comes after "default" would never be looked at.
    for (const entry of Object.values(described.exports)) {
      if (typeof entry === 'object') expect(Object.keys(entry as object)).toEqual(['types', 'default']);
    }
    // Nothing else of certrelay is in the folder that npm made, so nothing was fetched.
    expect(Object.keys(JSON.parse(run('user', 'npm', 'ls', '--all', '--json').stdout).dependencies)).toEqual([
      'certrelay',
    ]);
  });

  it('holds licences, manual page, completions and templates, and nothing that was not made for it', () => {
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        ...['LICENSE', 'README.md', 'dist/LICENCES.txt', 'dist/man/certrelay.1', 'templates/server/main.cf.hbs'],
        ...['dist/completions/bash/certrelay', 'dist/completions/zsh/_certrelay'],
        'dist/completions/fish/certrelay.fish',
      ]),
    );
    expect(packed).toEqual([
      ...['package.json', 'dist', 'templates', 'docs', 'README.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE'],
    ]);
    expect(paths.filter((path) => !packed.some((part) => path === part || path.startsWith(`${part}/`)))).toEqual([]);
    expect(paths.filter((path) => /certrelay-linux|\.map$|\.test\./.test(path))).toEqual([]);
    const licences = readFileSync(at('user/node_modules/certrelay/dist/LICENCES.txt'), 'utf8');
    for (const bundled of ['commander', 'handlebars', 'inquirer', '@peculiar/x509', 'reflect-metadata']) {
      expect(licences).toMatch(new RegExp(`^${bundled} \\d+\\.`, 'm'));
    }
  });

  it('has a program that the system can start', () => {
    const cli = at('user/node_modules/certrelay/dist/cli.js');
    expect(readFileSync(cli, 'utf8').split('\n')[0]).toBe('#!/usr/bin/env node');
    expect(files.find(({ path }) => path === 'dist/cli.js')?.mode).toBe(0o755);
    expect(statSync(at('user/node_modules/.bin/certrelay')).mode & 0o111).toBe(0o111);
  });
});

describe('installed from the tarball, without network and cache', () => {
  it('says its version', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const said = run('user', 'npx', '--offline', '--no-install', 'certrelay', '--version');
    expect(said).toMatchObject({ status: 0, stdout: `${version}\n` });
  });

  it('sets up a relay and verifies it', () => {
    const made = run(
      'user',
      ...(['npx', '--offline', '--no-install', 'certrelay', 'init', '--yes', '--postfix', '3.7'] as const),
      ...['--server', 'relay.example.com', '--client', 'web.example.com'],
    );
    expect(made.status, made.stderr).toBe(0);
    expect(existsSync(at('user/out/hosts/relay.example.com/install.sh'))).toBe(true);
    expect(run('user', 'npx', '--offline', '--no-install', 'certrelay', 'verify').status).toBe(0);
  });

  it('has every command, and needs no network for any', () => {
    const apart = process.getuid?.() === 0 ? ['unshare', '--net'] : ['env'];
    const names = commands.map(({ name }) => name);
    expect(names.length).toBeGreaterThan(15);
    for (const name of names) {
      const said = run('user', apart[0] ?? 'env', ...apart.slice(1), 'node_modules/.bin/certrelay', name, '--help');
      expect([name, said.status, said.stderr]).toEqual([name, 0, '']);
      expect(said.stdout).toContain(`certrelay ${name}`);
    }
  });

  it('is a library whose policy module decides', () => {
    const program = `
      import { compile } from 'certrelay/policy';
      import { version } from 'certrelay';
      console.log(typeof compile, version);
    `;
    const said = run('user', process.execPath, '--input-type=module', '-e', program);
    expect(said.stderr).toBe('');
    expect(said.stdout).toMatch(/^function \d+\.\d+\.\d+\n$/);
  });

  it.each(['nodenext', 'bundler'])('has types that hold with module resolution %s', (resolution) => {
    const module = resolution === 'bundler' ? 'esnext' : resolution;
    writeFileSync(
      at('user/use.ts'),
      `import { inspect, version } from 'certrelay';
       import { compile, type Verdict } from 'certrelay/policy';
       export const text: string = version;
       export const answer: Verdict | undefined = undefined;
       export const made: typeof compile = compile;
       // @ts-expect-error a version is no number
       export const wrong: number = version;
       export const both = [inspect];
      `,
    );
    const checked = run(
      'user',
      ...([process.execPath, join(root, 'node_modules/typescript/bin/tsc')] as const),
      ...['--ignoreConfig', '--noEmit', '--strict', '--target', 'es2023', '--lib', 'es2023', '--types', ''],
      ...['--module', module, '--moduleResolution', resolution, 'use.ts'],
    );
    expect(checked.stdout + checked.stderr).toBe('');
    expect(checked.status).toBe(0);
  });

  it('runs no script of its own when scripts are allowed, and puts its manual page beside its program', () => {
    const installed = run(
      'global',
      ...(['npm', 'install', '--offline', '--foreground-scripts', '--global'] as const),
      ...['--prefix', at('global'), tarball()],
    );
    expect(installed.status, installed.stderr).toBe(0);
    expect(existsSync(at('global/bin/certrelay'))).toBe(true);
    expect(readFileSync(at('global/share/man/man1/certrelay.1'), 'utf8')).toContain('.TH CERTRELAY 1');
    // npm announces each script that it runs by a line like "> certrelay@VERSION prepare"; this one would fail as well.
    expect(installed.stdout + installed.stderr).not.toMatch(/^> /m);
  });
});
