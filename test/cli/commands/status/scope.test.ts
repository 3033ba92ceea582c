import { appendFileSync, chmodSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { scopeOf } from '../../../../src/cli/commands/status/scope.ts';
import { plan } from '../../../../src/provision/render/plan.ts';
import { findDrift } from '../../../../src/provision/state/drift.ts';
import { expectedOf } from '../../../../src/provision/state/expected.ts';
import { lookAt } from '../../../../src/provision/state/folder.ts';
import { loadState } from '../../../../src/provision/state/store.ts';
import { readTemplates } from '../../../../src/provision/state/templates.ts';
import { Desk } from './desk.ts';

const names = Array.from({ length: 8 }, (_, index) => `c${index}.example.com`);

describe('a fleet', () => {
  const desk = new Desk();
  beforeEach(async () => {
    rmSync(desk.path('out'), { recursive: true, force: true });
    const made = await desk.run(
      'init',
      '--server',
      's.example.com',
      '--client',
      ...names,
      's.example.com',
      '--server',
      't.example.com',
      '--postfix',
      '3.7',
      '--yes',
    );
    expect(made.code, JSON.stringify(made.problems)).toBe(0);
    // A small fleet is written within one tick of the file system's clock, and what bears the inventory's own time is
    // read to be sure; here the inventory is to be later, as it is after a large one, and the edits later still.
    await sleep(20);
    chmodSync(desk.path('out/inventory.json'), 0o644);
    await sleep(20);
  });

  /** What is found when a fleet begins at `few` hosts, and which hosts were read for it. */
  const look = (few: number) => {
    const stored = loadState(desk.path('out'));
    const { inventory, state } = stored;
    if (inventory === undefined) throw new Error('no inventory');
    const folder = lookAt(desk.path('out'));
    const templates = readTemplates();
    const scope = scopeOf({ ...stored, inventory }, folder, templates, { few });
    const rendered = plan({ inventory, ledger: state }, templates, scope.hosts && [...scope.hosts]);
    const drift = findDrift(expectedOf({ ...stored, inventory }, rendered, folder, scope), folder);
    return { read: scope.hosts, untouched: scope.untouched, drift: drift.map(({ kind, path }) => `${kind} ${path}`) };
  };

  it('has only servers and one client read when nobody touched anything', () => {
    const { read, untouched, drift } = look(3);
    expect([...(read ?? [])].sort()).toEqual(['c0.example.com', 's.example.com', 't.example.com']);
    expect({ untouched, drift }).toEqual({ untouched: 7, drift: [] });
    expect(look(100)).toEqual({ read: undefined, untouched: 0, drift: [] });
  });

  const home = (name: string) => desk.path(`out/hosts/c5.example.com/${name}`);
  const touches: readonly (readonly [what: string, touch: () => void])[] = [
    ['an edit', () => appendFileSync(home('main.cf'), '#')],
    [
      'an edit that keeps the size, with its time set back',
      () => {
        writeFileSync(home('tls_policy'), readFileSync(home('tls_policy'), 'utf8').replace('secure', 'SECURE'));
        utimesSync(home('tls_policy'), 1, 1);
      },
    ],
    ['a file that is gone', () => rmSync(home('install.sh'))],
    ['a file under another name', () => renameSync(home('cacert.pem'), home('ca.pem'))],
    ['a mode', () => chmodSync(home('c5.example.com.key'), 0o644)],
    [
      'a key that was exchanged',
      () =>
        writeFileSync(
          home('c5.example.com.key'),
          readFileSync(desk.path('out/hosts/c6.example.com/c6.example.com.key')),
        ),
    ],
    ['a leftover', () => writeFileSync(home('.main.cf.new'), '')],
    ['a file too many', () => writeFileSync(home('old.key'), readFileSync(home('c5.example.com.key')))],
    ['an open folder', () => chmodSync(home(''), 0o755)],
    [
      'an inventory that is behind',
      () => writeFileSync(desk.path('out/inventory.json'), `${readFileSync(desk.path('out/inventory.json'), 'utf8')} `),
    ],
  ];
  it.each(touches)('shows %s as if every file had been read', (_what, touch) => {
    touch();
    const quick = look(3);
    expect(quick.drift).toEqual(look(100).drift);
    expect(quick.read).toBeDefined();
  });
});
