import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Desk } from './desk.ts';

const client = 'out/hosts/c.example.com/c.example.com';
const server = 'out/hosts/s.example.com/s.example.com';

const lockOf = (owner: { readonly pid: number; readonly host: string }) =>
  JSON.stringify({
    ...{ boot: '', started: '', namespace: readlinkSync('/proc/self/ns/pid'), command: 'certrelay rotate' },
    ...{ since: '2026-05-01T09:59:00Z', token: 'abc', ...owner },
  });

describe('certrelay status', () => {
  const desk = new Desk();
  beforeEach(async () => {
    rmSync(desk.path('out'), { recursive: true, force: true });
    desk.now = new Date('2026-05-01T10:00:00Z');
    const made = await desk.run(
      'init',
      '--server',
      's.example.com',
      '--client',
      'c.example.com',
      '--os',
      'debian12',
      '--yes',
    );
    expect(made.code).toBe(0);
  });

  it('answers first when all is well, and exits 0', async () => {
    const { code, stdout } = await desk.run('status');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^all is well; next due: [sc]\.example\.com \((server|client)\) in 264 days\n/);
    expect(stdout).toMatch(/client +c\.example\.com +handed over +in 397 days +in 264 days +[0-9a-f]{32}/);
  });

  it('says nothing with --quiet, unless there is something to say', async () => {
    expect(await desk.run('status', '--quiet')).toMatchObject({ code: 0, stdout: '', stderr: '' });
    desk.pass(300);
    expect((await desk.run('status', '--quiet')).stdout).toMatch(/^needs attention: 2 due\n/);
  });

  it.each([
    [263, 0, []],
    [265, 5, ['due', 'due']],
    [398, 5, ['expired', 'due', 'expired', 'due']],
  ])('after %i days exits %i', async (days, exit, reasons) => {
    desk.pass(days);
    const { code, document } = await desk.json('status');
    expect(code).toBe(exit);
    expect(document).toMatchObject({ schema: 'certrelay/status@1', well: exit === 0, digest: 'sha1', untouched: 0 });
    const found = document.certificates.flatMap(({ attention }: { attention: string[] }) => attention);
    expect(found).toEqual(reasons);
  });

  it.each([
    ['30d', 366, 0],
    ['30d', 368, 5],
    ['75%', 296, 0],
    ['75%', 299, 5],
    ['9528h', 1, 5],
  ])('--expires-in %s after %i days exits %i', async (when, days, exit) => {
    desk.pass(days);
    expect((await desk.run('status', '--expires-in', when)).code).toBe(exit);
  });

  it.each(['', '30', 'soon', '101%', '-1d', '1y', '30 d', '9999999d'])('refuses --expires-in "%s"', async (when) => {
    expect(await desk.run('status', '--expires-in', when)).toMatchObject({
      code: 2,
      problems: [{ code: 'expires-in-form' }],
    });
  });

  it('needs a set-up', async () => {
    expect(await desk.run('status', '--out', 'nowhere')).toMatchObject({ code: 2, problems: [{ code: 'no-set-up' }] });
  });

  const drifts: readonly (readonly [
    what: string,
    change: (path: (name: string) => string) => void,
    found: readonly string[],
  ])[] = [
    [
      'a fragment that was edited',
      (path) => appendFileSync(path('out/hosts/s.example.com/main.cf'), 'x = y\n'),
      ['differs main.cf'],
    ],
    [
      'an edit that keeps the size',
      (path) => {
        const map = path('out/hosts/s.example.com/relay_clientcerts');
        writeFileSync(map, readFileSync(map, 'utf8').replace('c.example.com\n', 'd.example.com\n'));
      },
      ['differs relay_clientcerts'],
    ],
    ['a file that is gone', (path) => rmSync(path(`${client}.crt`)), ['missing c.example.com.crt']],
    [
      'a file that is a link',
      (path) => {
        rmSync(path(`${client}.crt`));
        symlinkSync('/etc/hostname', path(`${client}.crt`));
      },
      ['not-a-file c.example.com.crt'],
    ],
    ['a key that others can read', (path) => chmodSync(path(`${client}.key`), 0o640), ['mode c.example.com.key']],
    [
      'a folder that others can enter',
      (path) => chmodSync(path('out/hosts/c.example.com'), 0o755),
      ['mode c.example.com'],
    ],
    [
      'a public file that is closed',
      (path) => chmodSync(path('out/hosts/c.example.com/main.cf'), 0o600),
      ['mode main.cf'],
    ],
    ['a key that is gone', (path) => rmSync(path(`${client}.key`)), ['key-missing c.example.com.key']],
    [
      "another host's key",
      (path) => copyFileSync(path(`${server}.key`), path(`${client}.key`)),
      // The chain would be made with it.
      ['key-mismatch c.example.com.key', 'differs c.example.com.pem'],
    ],
    [
      'a key that is damaged',
      (path) => writeFileSync(path(`${client}.key`), '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'),
      ['key-mismatch c.example.com.key', 'differs c.example.com.pem'],
    ],
    ["the authority's key is gone", (path) => rmSync(path('out/ca/cakey.pem')), ['key-missing cakey.pem']],
    [
      'a known certificate that lies elsewhere is nobody’s business',
      (path) => copyFileSync(path(`${client}.crt`), path('out/hosts/s.example.com/copy.crt')),
      [],
    ],
    [
      'notes of the operator are nobody’s business',
      (path) => writeFileSync(path('out/hosts/s.example.com/NOTES'), 'call Ann\n'),
      [],
    ],
    [
      'what a killed run left',
      (path) => writeFileSync(path('out/hosts/s.example.com/.main.cf.new'), 'x'),
      ['leftover .main.cf.new'],
    ],
    ['a torn ledger', (path) => appendFileSync(path('out/ledger.jsonl'), '{"at":"2026'), ['leftover ledger.jsonl']],
    [
      'an inventory that was edited',
      (path) => {
        const file = path('out/inventory.json');
        writeFileSync(file, `${readFileSync(file, 'utf8')}\n`);
      },
      ['differs inventory.json'],
    ],
    [
      'a lock whose owner is gone',
      (path) => writeFileSync(path('out/.lock'), lockOf({ pid: 4_194_304, host: hostname() })),
      ['leftover .lock'],
    ],
    [
      'a lock of another machine, which nobody can ask, is no drift',
      (path) => writeFileSync(path('out/.lock'), lockOf({ pid: 1, host: 'elsewhere.example' })),
      [],
    ],
  ];
  it.each(drifts)('finds %s', async (_what, change, found) => {
    change((name) => desk.path(name));
    const { code, document } = await desk.json('status');
    const drift: readonly { kind: string; path: string; message: string; hint: string }[] = document.drift;
    expect(drift.map(({ kind, path }) => `${kind} ${path.split('/').at(-1)}`)).toEqual(found);
    expect(code).toBe(found.length === 0 ? 0 : 5);
    for (const { message, hint } of drift) {
      expect(message).toMatch(/[^.]$/);
      expect(hint).not.toBe('');
    }
  });

  it('finds certificates and keys that the ledger does not know', async () => {
    const other = await desk.run(
      'init',
      '--out',
      'other',
      '--server',
      'x.example.com',
      '--client',
      'y.example.com',
      '--yes',
    );
    expect(other.code).toBe(0);
    copyFileSync(desk.path('other/hosts/y.example.com/y.example.com.crt'), desk.path('out/ca/y.pem'));
    copyFileSync(desk.path('other/hosts/y.example.com/y.example.com.key'), desk.path('out/hosts/c.example.com/y.key'));
    const { code, document } = await desk.json('status');
    expect(code).toBe(5);
    expect(document.drift.map(({ kind, path }: { kind: string; path: string }) => [kind, path])).toEqual([
      ['unknown-certificate', 'out/ca/y.pem'.slice(4)],
      ['unknown-key', 'hosts/c.example.com/y.key'],
    ]);
  });

  it('changes nothing, not even a time, and takes no lock', async () => {
    const times = () =>
      (readdirSync(desk.path('out'), { recursive: true, encoding: 'utf8' }) as string[])
        .sort()
        .map((name) => [name, statSync(desk.path(`out/${name}`)).mtimeMs]);
    const before = times();
    // A writer holds the lock; readers do not mind.
    writeFileSync(desk.path('out/.lock'), lockOf({ pid: process.pid, host: hostname() }));
    const { stderr } = await desk.run('status', '--all', '--metrics', desk.path('m.prom'));
    expect(stderr).toContain(`note: "certrelay rotate" (pid ${process.pid}) is at work`);
    rmSync(desk.path('out/.lock'));
    expect(times()).toEqual(before);
  });

  it('says what a rotation waits for, first in a word and then in full, also in a fleet', async () => {
    const names = Array.from({ length: 25 }, (_, index) => `c${index}.example.com`);
    expect((await desk.run('init', '--client', ...names, '--yes')).code).toBe(0);
    desk.pass(1);
    expect((await desk.run('rotate', 'c3.example.com', '--yes')).code).toBe(0);
    const first = await desk.run('status');
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toMatch(/^all is well; 1 rotation waits for hosts to take their files; next due: /);
    expect(first.stdout).toMatch(
      /client +c3\.example\.com +admitted .*\n.*\n +waits for s\.example\.com to have the new map/,
    );
    expect((await desk.run('rotate', '--deployed', 's.example.com', '--yes')).code).toBe(0);
    desk.pass(15);
    const second = (await desk.run('status')).stdout;
    expect(second).toMatch(/client +c3\.example\.com +replaced .*\n.*\n +waits for c3\.example\.com to use its new/);
    expect((await desk.run('rotate', '--deployed', 'c3.example.com', '--yes')).code).toBe(0);
    // The old one is retired here, and in force until the server has the map that says so.
    expect((await desk.run('status')).stdout).toMatch(/^needs attention: 1 host behind\n/);
    expect((await desk.run('rotate', '--deployed', 's.example.com', '--yes')).code).toBe(0);
    expect((await desk.run('status')).stdout).toMatch(/^all is well; next due: /);
    expect((await desk.json('status', '--all')).document.certificates).toContainEqual(
      expect.objectContaining({ holder: 'c3.example.com', state: 'retired' }),
    );
  });

  it('summarises more than a screenful, and lists all on request', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `c${index}.example.com`);
    expect((await desk.run('init', '--client', ...names, '--yes')).code).toBe(0);
    const short = (await desk.run('status')).stdout;
    expect(short.split('\n').length).toBeLessThan(10);
    expect(short).toMatch(/client +31 +31 handed over/);
    const all = (await desk.run('status', '--all')).stdout;
    for (const name of names) expect(all).toContain(` ${name} `);
    rmSync(desk.path('out/hosts/c7.example.com/main.cf'));
    expect((await desk.run('status')).stdout).toContain('hosts/c7.example.com/main.cf is not there');
  });
});

describe('status --metrics, of hosts', () => {
  const desk = new Desk();
  const told = async () => {
    await desk.run('status', '--metrics', 'hosts.prom');
    const text = readFileSync(desk.path('hosts.prom'), 'utf8');
    const value = (name: string) => Number(new RegExp(`^certrelay_hosts_${name} ([0-9]+)$`, 'm').exec(text)?.[1]);
    return { awaited: value('awaited'), behind: value('behind') };
  };

  it('says how many a rotation waits for, and how many are behind', async () => {
    const names = ['--server', 's.example.com', '--client', 'c.example.com', '--os', 'debian12', '--yes'];
    expect((await desk.run('init', ...names)).code).toBe(0);
    expect(await told()).toEqual({ awaited: 0, behind: 0 });
    await desk.run('rotate', 'c.example.com', '--overlap', '1s');
    expect(await told()).toEqual({ awaited: 1, behind: 0 });
    await desk.run('rotate', '--deployed', 's.example.com');
    await desk.run('rotate', '--deployed', 'c.example.com');
    desk.now = new Date(desk.now.getTime() + 5_000);
    await desk.run('rotate', '--due');
    expect(await told()).toEqual({ awaited: 0, behind: 1 });
  });
});

describe('status --metrics', () => {
  const desk = new Desk();
  beforeAll(async () => {
    await desk.run('init', '--server', 's.example.com', '--client', 'c.example.com', '--os', 'debian12', '--yes');
    mkdirSync(desk.path('textfile'));
  });

  const metrics = () => readFileSync(desk.path('textfile/certrelay.prom'), 'utf8');

  it('writes the text format, whole and readable by the collector', async () => {
    expect(await desk.run('status', '--quiet', '--metrics', 'textfile/certrelay.prom')).toMatchObject({
      code: 0,
      stdout: '',
    });
    expect(readdirSync(desk.path('textfile'))).toEqual(['certrelay.prom']);
    expect(statSync(desk.path('textfile/certrelay.prom')).mode & 0o777).toBe(0o644);
    const text = metrics();
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(
        /^(?:# (?:HELP|TYPE) certrelay_[a-z_]+ \S.*|certrelay_[a-z_]+(?:\{(?:[a-z]+="[^"]*",?)+\})? -?\d+)$/,
      );
    }
    const end = Date.parse('2027-06-02T10:00:00Z') / 1000;
    expect(text).toMatch(
      new RegExp(
        `^certrelay_certificate_not_after_timestamp_seconds\\{client="c\\.example\\.com",role="client",serial="[0-9a-f]+"\\} ${end}$`,
        'm',
      ),
    );
    expect(text).toMatch(/^certrelay_map_in_sync 1$/m);
    expect(text).toMatch(/^certrelay_verify_met 1$/m);
    expect(text).toMatch(/^certrelay_policy_permits\{client="c\.example\.com",service="s\.example\.com:25"\} 1$/m);
    expect(text).toMatch(
      new RegExp(`^certrelay_last_verify_success_timestamp_seconds ${desk.now.getTime() / 1000}$`, 'm'),
    );
  });

  it('remembers the last proof when the next one fails, and tells who cannot relay', async () => {
    await desk.run('status', '--metrics', 'textfile/certrelay.prom');
    const proved = desk.now.getTime() / 1000;
    desk.pass(1);
    writeFileSync(desk.path('out/hosts/s.example.com/relay_clientcerts'), '# nobody\n');
    expect((await desk.run('status', '--metrics', 'textfile/certrelay.prom')).code).toBe(5);
    expect(metrics()).toMatch(/^certrelay_map_in_sync 0$/m);
    expect(metrics()).toMatch(/^certrelay_verify_met 0$/m);
    expect(metrics()).toMatch(/^certrelay_policy_permits\{client="c\.example\.com",[^}]*\} 0$/m);
    expect(metrics()).toMatch(new RegExp(`^certrelay_last_verify_success_timestamp_seconds ${proved}$`, 'm'));
  });

  it.each(['no/such/folder/x.prom', 'textfile'])(
    'says why "%s" cannot be written, and leaves nothing',
    async (file) => {
      const before = readdirSync(desk.path('textfile'));
      const { code, problems } = await desk.run('status', '--metrics', file);
      expect(code).toBe(2);
      expect(problems[0]?.message).toMatch(/^cannot (?:write|read) /);
      expect(readdirSync(desk.path('textfile'))).toEqual(before);
      expect(readdirSync(desk.folder).filter((name) => name.startsWith('.'))).toEqual([]);
    },
  );
});
