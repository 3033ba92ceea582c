import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadState } from '../../../src/provision/state/store.ts';
import { program } from '../../setup/program.ts';

/**
 * Many runs on one folder at once, each of them a process of its own. All tests together take a small crowd;
 * CERTRELAY_CROWD says how large it is to be.
 */
const size = Number(process.env.CERTRELAY_CROWD ?? 24);
const patience = 60_000 + size * 15_000;

interface Ended {
  readonly name: string;
  readonly status: number | null;
  readonly stderr: string;
}

const cli = program();

/** Runs `certrelay add NAME` for every name at the same time. */
function addAll(out: string, names: readonly string[], ...more: readonly string[]): Promise<readonly Ended[]> {
  const path = join(cli.folder, 'package', 'dist', 'cli.js');
  return Promise.all(
    names.map(
      (name) =>
        new Promise<Ended>((resolve, reject) => {
          const child = spawn(process.execPath, [path, 'add', name, '--out', out, ...more], {
            ...{ cwd: cli.folder, stdio: ['ignore', 'ignore', 'pipe'] },
          });
          let stderr = '';
          child.stderr.setEncoding('utf8').on('data', (text: string) => {
            stderr += text;
          });
          child.on('error', reject);
          child.on('close', (status) => resolve({ name, status, stderr }));
        }),
    ),
  );
}

/** The names that inventory, ledger and map have beside `first.example.com`, each for itself. */
function everywhere(out: string): readonly (readonly string[])[] {
  const root = join(cli.folder, out);
  const { inventory, state } = loadState(root);
  const clients = state.certificates.filter(({ role }) => role === 'client');
  const listed = new Map(clients.map(({ fingerprint, holder }) => [fingerprint.sha1, holder]));
  const map = readFileSync(join(root, 'hosts', 's.example.com', 'relay_clientcerts'), 'utf8');
  const lines = map.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return [
    (inventory?.clients ?? []).map(({ name }) => name),
    clients.map(({ holder }) => holder),
    lines.map((line) => listed.get(line.split(/\s/)[0] ?? '') ?? `unknown: ${line}`),
  ].map((names) => names.filter((name) => name !== 'first.example.com').sort());
}

const names = (prefix: string) => Array.from({ length: size }, (_, index) => `${prefix}${index}.example.com`).sort();

describe.each(['waiting', 'not-waiting'])('a crowd, %s', (out) => {
  beforeAll(() => {
    const init = ['init', '--server', 's.example.com', '--client', 'first.example.com', '--postfix', '3.7', '--yes'];
    expect(cli.certrelay(...init, '--out', out).status).toBe(0);
  });

  test(`${size} clients are added at once`, { timeout: patience }, async () => {
    const wanted = names('c');
    const ended = await addAll(out, wanted, ...(out === 'waiting' ? ['--wait'] : []));
    const failed = ended.filter(({ status }) => status !== 0);
    const done = ended.filter(({ status }) => status === 0).map(({ name }) => name);
    if (out === 'waiting') expect(failed).toEqual([]);
    // Whoever may not wait is told who holds the lock, and nothing else goes wrong.
    for (const { status, stderr } of failed)
      expect([status, stderr]).toEqual([7, expect.stringContaining('has held the lock')]);
    expect(done.length).toBeGreaterThan(0);
    expect(everywhere(out)).toEqual([done.sort(), done, done]);
    // Nobody's half-done work is left.
    expect(cli.certrelay('render', '--check', '--out', out).status).toBe(0);
    expect(cli.certrelay('verify', '--out', out).status).toBe(0);
    if (process.env.CERTRELAY_CROWD !== undefined) process.stdout.write(`${out}: ${done.length} of ${size} done\n`);
  });
});
