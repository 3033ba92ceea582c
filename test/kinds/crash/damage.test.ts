import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../../needs.ts';
import { program } from '../../setup/program.ts';
import { treeOf } from '../../setup/tree.ts';
import { certrelay } from './commands.ts';
import { disagreements, paths } from './state.ts';

/** What becomes of a set-up that somebody damaged, whose disk is full, whose clock is wrong. */
const folders = mkdtempSync(join(tmpdir(), 'certrelay-damage-'));
afterAll(() => rmSync(folders, { recursive: true, force: true }));
const sound = join(folders, 'sound');
const init = ['init', '--server', 's.example.com', '--client', 'a.example.com', '--postfix', '3.7', '--yes'];
const day = 86_400_000;
let made = 0;

beforeAll(async () => {
  mkdirSync(sound);
  for (const line of [init, ['rotate', 'a.example.com', '--overlap', '1h']]) {
    expect((await certrelay(sound, line)).status).toBe(0);
  }
});

function copy(): { readonly cwd: string; readonly root: string } {
  const cwd = join(folders, String(++made));
  cpSync(sound, cwd, { recursive: true, preserveTimestamps: true });
  return { cwd, root: join(cwd, 'out') };
}

/** Contents below the state's folder, without what only tells when. */
function contents(root: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(treeOf(root)).map(([path, { content }]) => [path, content]));
}

const isKey = (path: string) => /\.key$|cakey\.pem$/.test(path);
const isState = (path: string) => path === 'inventory.json' || path === 'ledger.jsonl';

describe('every file in turn', () => {
  for (const damage of ['removed', 'edited'] as const) {
    test(`${damage}: status tells, and render puts right what can be made again`, { timeout: 120_000 }, async () => {
      const all = paths(join(sound, 'out'));
      expect(all.length).toBeGreaterThan(10);
      const before = contents(join(sound, 'out'));
      const wrong: string[] = [];
      for (const path of all) {
        const { cwd, root } = copy();
        const file = join(root, path);
        if (damage === 'removed') rmSync(file);
        else writeFileSync(file, `${readFileSync(file, 'utf8')}somebody was here\n`);
        const complain = (what: string, more: unknown = '') => wrong.push(`${path}: ${what} ${JSON.stringify(more)}`);
        const spoilt = contents(root);
        const status = await certrelay(cwd, ['status', '--json']);
        const rendered = await certrelay(cwd, ['render']);
        for (const { defect } of [status, rendered]) if (defect !== undefined) complain('a defect', String(defect));
        if (isState(path)) {
          // Of what was wanted and what happened there is no other copy: nothing is guessed, and nothing written over.
          for (const { status: code, stderr } of [status, rendered]) {
            if (code !== 2 || stderr === '') complain(`exits ${code}`, stderr);
          }
          if (JSON.stringify(contents(root)) !== JSON.stringify(spoilt)) complain('something was written');
          continue;
        }
        const { drift } = JSON.parse(status.stdout) as { readonly drift: readonly { readonly path: string }[] };
        const isNoticed = drift.some((one) => one.path === path);
        // What comes behind a key in its file changes nothing.
        if (status.status !== 5 && !(isKey(path) && damage === 'edited')) complain(`status exits ${status.status}`);
        if (!isNoticed && !(isKey(path) && damage === 'edited')) complain('status does not tell', drift);
        if (rendered.status !== 0) complain(`render exits ${rendered.status}`, rendered.stderr);
        const after = contents(root);
        for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
          // A key is never made up, nor is what somebody wrote into it taken away; its chain file holds what it holds.
          if (isKey(name) || (isKey(path) && name.endsWith('.pem'))) continue;
          if (after[name] !== before[name]) complain(`${name} is not as it was`);
        }
        if (!isKey(path)) for (const what of disagreements(root)) complain(what);
        const rotated = await certrelay(cwd, ['rotate', '--deployed', 's.example.com']);
        if (rotated.defect !== undefined) complain('rotate: a defect', String(rotated.defect));
      }
      expect(wrong).toEqual([]);
    });
  }
});

describe('the clock', () => {
  test('set back before what the ledger tells: nothing is done, and why is said', async () => {
    const { cwd, root } = copy();
    const before = contents(root);
    for (const line of [
      ['rotate', 'a.example.com'],
      ['add', 'b.example.com'],
      ['remove', 'a.example.com', '--yes'],
    ]) {
      const { status, stderr, defect } = await certrelay(cwd, line, -30 * day);
      expect([line[0], status, defect, stderr]).toEqual([line[0], 1, undefined, expect.stringMatching(/clock/)]);
    }
    expect(contents(root)).toEqual(before);
    expect((await certrelay(cwd, ['status'], -30 * day)).defect).toBeUndefined();
    expect((await certrelay(cwd, ['render', '--check'], -30 * day)).status).toBe(0);
  });

  test('after the authority has ended: no certificate is issued, and why is said', async () => {
    const { cwd, root } = copy();
    const before = contents(root);
    const late = 40 * 365 * day;
    const { status, stderr, defect } = await certrelay(cwd, ['add', 'b.example.com'], late);
    expect([status, defect]).toEqual([2, undefined]);
    expect(stderr).toMatch(/expired/);
    expect(contents(root)).toEqual(before);
    const told = await certrelay(cwd, ['status', '--json'], late);
    expect(told.status).toBe(5);
    const { certificates } = JSON.parse(told.stdout) as { certificates: readonly { readonly state: string }[] };
    expect(certificates.map(({ state }) => state)).toContain('expired');
  });
});

const cli = program();

describe.skipIf(needs('root', 'unshare', 'mount', 'setpriv'))('the disk', () => {
  test('full: what was there stays as it was', { timeout: 120_000 }, () => {
    const path = join(cli.folder, 'package', 'dist', 'cli.js');
    // Room for the set-up and more, in a file system that nobody else sees, and then for nothing, or for a part of a run.
    const script = `
      mount -t tmpfs -o size=512k none "$1" && cp -r "$2"/out "$1"/out && cd "$1" || exit 9
      sums() { (cd out && find . -type f -exec sha256sum {} + | sort); }
      before=$(sums)
      for room in 0 4 12 24 40; do
        dd if=/dev/zero of=filler bs=4k >/dev/null 2>&1
        truncate -s "-$((room * 1024))" filler
        said=$("$3" "$4" add b.example.com c.example.com d.example.com 2>&1 >/dev/null)
        echo "room for $room: exit $?, $(test "$before" = "$(sums)" && echo the same, || echo changed,) $said"
        rm filler
      done
      "$3" "$4" add b.example.com c.example.com d.example.com >/dev/null && "$3" "$4" render --check >/dev/null && echo complete
    `;
    const mountPoint = join(folders, 'full');
    mkdirSync(mountPoint);
    const args = ['-m', 'sh', '-c', script, 'sh', mountPoint, sound, process.execPath, path];
    const { stdout, stderr } = spawnSync('unshare', args, { encoding: 'utf8' });
    const lines = stdout.split('\n').filter((line) => !line.startsWith('hint: make room'));
    const refused = [0, 4, 12, 24, 40].map((room) =>
      expect.stringMatching(`^room for ${room}: exit 1, the same, certrelay: cannot write .*: the disk is full$`),
    );
    expect([lines, stderr]).toEqual([[...refused, 'complete', ''], '']);
  });

  test('full: every command that writes says so, and those that only look go on', { timeout: 120_000 }, () => {
    const path = join(cli.folder, 'package', 'dist', 'cli.js');
    const script = `
      mount -t tmpfs -o size=512k none "$1" && cp -r "$2"/out "$1"/out && cd "$1" || exit 9
      sums() { (cd out && find . -type f -exec sha256sum {} + | sort); }
      before=$(sums)
      dd if=/dev/zero of=filler bs=4k >/dev/null 2>&1
      for line in 'rotate --deployed s.example.com' 'rotate b.example.com' 'rotate --authority --yes' 'remove b.example.com --yes' \
        'init --client c.example.com --yes' 'render' 'verify' 'status' 'status --metrics m.prom' 'init --out new --server s.example.com --client a.example.com --yes'; do
        # shellcheck disable=SC2086
        said=$("$3" "$4" $line 2>&1 >/dev/null)
        code=$?
        echo "$line: exit $code, $(test "$before" = "$(sums)" && echo the same, || echo changed,)" $(echo "$said" | grep -Ev '^(hint|note):')
      done
    `;
    const mountPoint = join(folders, 'fuller');
    mkdirSync(mountPoint);
    const two = join(folders, 'two');
    mkdirSync(two);
    cpSync(join(sound, 'out'), join(two, 'out'), { recursive: true, preserveTimestamps: true });
    const added = spawnSync(process.execPath, [path, 'add', 'b.example.com'], { cwd: two, encoding: 'utf8' });
    expect([added.status, added.stderr]).toEqual([0, expect.any(String)]);
    const args = ['-m', 'sh', '-c', script, 'sh', mountPoint, two, process.execPath, path];
    const { stdout, stderr } = spawnSync('unshare', args, { encoding: 'utf8' });
    const full =
      /^(rotate|remove|init|render).*: exit 1, the same, certrelay: cannot (write|make).*: the disk is full$/;
    const fine = /^(verify|status): exit 0, the same,$/;
    const metrics = /^status --metrics m\.prom: exit 1, the same, certrelay: cannot write .*: the disk is full$/;
    const wrong = stdout
      .split('\n')
      .filter((line) => line !== '' && ![full, fine, metrics].some((one) => one.test(line)));
    expect([wrong, stderr, stdout.split('\n').length]).toEqual([[], '', 11]);
  });

  test('read-only: nothing is written, and why is said', { timeout: 120_000 }, () => {
    const { cwd, root } = copy();
    const before = treeOf(root);
    const path = join(cli.folder, 'package', 'dist', 'cli.js');
    const script = `mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && cd "$1" && "$2" "$3" add b.example.com; echo "exit $?"; "$2" "$3" status >/dev/null; echo "status $?"`;
    const args = ['-m', 'sh', '-c', script, 'sh', cwd, process.execPath, path];
    const { stdout, stderr } = spawnSync('unshare', args, { encoding: 'utf8' });
    expect(stdout).toMatch(/^exit 1\nstatus [05]$/m);
    expect(stderr).toMatch(/read-only/);
    expect(treeOf(root)).toEqual(before);
  });

  test('a closed folder, to a user who is not root', { timeout: 120_000 }, () => {
    const { cwd, root } = copy();
    chmodSync(folders, 0o755);
    chmodSync(cli.folder, 0o755);
    const path = join(cli.folder, 'package', 'dist', 'cli.js');
    const args = [
      '--reuid',
      '65534',
      '--regid',
      '65534',
      '--clear-groups',
      process.execPath,
      path,
      'add',
      'b.example.com',
    ];
    const before = treeOf(root);
    const { status, stderr } = spawnSync('setpriv', args, { cwd, encoding: 'utf8' });
    expect([1, 2]).toContain(status);
    expect(stderr).toMatch(/permission denied|belongs to another user/);
    expect(treeOf(root)).toEqual(before);
  });
});
