import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { treeOf } from '../../setup/tree.ts';
import { certrelay } from '../crash/commands.ts';

/** What a step about one client of many touches. */
const cwd = mkdtempSync(join(tmpdir(), 'certrelay-fleet-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));
const out = join(cwd, 'out');
const clients = Array.from({ length: 50 }, (_, index) => `c${index}.example.com`);

beforeAll(async () => {
  writeFileSync(join(cwd, 'clients'), `${clients.join('\n')}\n`);
  const init = ['init', '--server', 's.example.com', '--clients-file', 'clients', '--postfix', '3.7', '--yes'];
  expect((await certrelay(cwd, init)).status).toBe(0);
}, 60_000);

/** Paths that a command line made, changed or took away; names of keys without what chance decides. */
async function touchedBy(...line: readonly string[]): Promise<readonly string[]> {
  const before = treeOf(out);
  const { status, stderr } = await certrelay(cwd, line);
  expect([status, stderr]).toEqual([0, expect.any(String)]);
  const after = treeOf(out);
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((path) => JSON.stringify(before[path]) !== JSON.stringify(after[path]))
    .map((path) => path.replace(/[0-9a-f]{16}\.key$/, 'KEY'))
    .sort();
}

const state = ['inventory.json', 'ledger.jsonl'];
const map = 'hosts/s.example.com/relay_clientcerts';
const own = (name: string) => [
  `hosts/${name}/SHA256SUMS`,
  ...['crt', 'key', 'pem'].map((kind) => `hosts/${name}/${name}.${kind}`),
];

describe('one client of many', () => {
  test('is rotated, and only its files and the map are touched', async () => {
    const name = 'c7.example.com';
    expect(await touchedBy('rotate', name, '--overlap', '1h')).toEqual([map, ...state, `next/${name}/client-KEY`]);
    expect(await touchedBy('rotate', '--deployed', 's.example.com')).toEqual([
      ...own(name),
      ...state,
      `next/${name}/client-KEY`,
    ]);
  });

  test('comes, and goes', async () => {
    const name = 'new.example.com';
    const made = [
      ...own(name),
      ...['cacert.pem', 'install.sh', 'main.cf', 'tls_policy'].map((file) => `hosts/${name}/${file}`),
    ];
    expect(await touchedBy('add', name)).toEqual([...made, map, ...state].sort());
    expect(await touchedBy('remove', name, '--yes')).toEqual([...made, map, ...state].sort());
  });

  test('what somebody changed elsewhere waits for render', async () => {
    appendFileSync(join(out, 'hosts/c3.example.com/main.cf'), '# somebody was here\n');
    expect(await touchedBy('rotate', 'c8.example.com')).not.toContain('hosts/c3.example.com/main.cf');
    expect((await certrelay(cwd, ['render', '--check'])).status).toBe(6);
    expect(await touchedBy('render')).toEqual(['hosts/c3.example.com/main.cf']);
  });

  test('after a run that was not finished, everything is looked at', async () => {
    rmSync(join(out, 'hosts/c3.example.com/main.cf'));
    const path = join(out, 'inventory.json');
    const { content } = treeOf(out)['inventory.json'] ?? { content: '' };
    writeFileSync(path, content.replace(/"events": \d+/, '"events": 1'));
    expect(await touchedBy('rotate', 'c9.example.com')).toContain('hosts/c3.example.com/main.cf');
    expect((await certrelay(cwd, ['render', '--check'])).status).toBe(0);
  });
});
