import { spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commands } from '../../../src/cli/commands/index.ts';
import { grammarOf } from '../../../src/cli/completion/grammar.ts';
import type { OutputKind } from '../../../src/lib/option-row.ts';
import { workplace } from '../../setup/workplace.ts';

const desk = workplace();
const { at } = desk;
const hosts = ['--server', 'relay.example.com', '--client', 'client.example.com'];
const systems = ['--os', 'debian12', '--client-os', 'debian12', '--yes'];

/** An option that names what is to be written: the command line before it, and the files in its directory if it names one. */
interface Way {
  readonly kind: OutputKind;
  readonly argv: readonly string[];
  readonly option: string;
  readonly files?: readonly string[];
}
const units = ['certrelay-rotate.service', 'certrelay-rotate.timer'];
const ways: Readonly<Record<string, Way>> = {
  'remove --crl': { kind: 'revocation-list', argv: ['remove'], option: '--crl' },
  'status --metrics': { kind: 'metrics', argv: ['status', '--quiet'], option: '--metrics' },
  'timer --write': { kind: 'units', argv: ['timer'], option: '--write', files: units },
};

/** Options whose files are only read, or whose directory is what the command is about. */
const otherwise: readonly string[] = [
  'add --cert',
  'add --clients-file',
  'add --csr',
  'apply --config-dir',
  'apply --programs',
  'audit --expect',
  'audit --main-cf',
  'audit --master-cf',
  'audit --table',
  'compare --table',
  'explain --client-main-cf',
  'explain --log',
  'explain --main-cf',
  'explain --master-cf',
  'explain --programs',
  'explain --session',
  'explain --table',
  'explain --cert',
  'init --base-main-cf',
  'init --clients-file',
  'init --config',
  'init --database-ca',
  'init --import',
  'init --install-dir',
  'init --server-ca',
  'probe --ca',
  'probe --cert',
  'probe --main-cf',
  'probe --master-cf',
  'probe --table',
  'publish --database-ca',
  'rotate --in-use-log',
  'simulate --batch',
  'simulate --cert',
  'simulate --main-cf',
  'simulate --master-cf',
  'simulate --session',
  'simulate --table',
  'timer --passphrase-file',
  'verify --main-cf',
  'verify --master-cf',
  'verify --table',
];

/** Every entry below a folder, with what changes when somebody touches it. Nothing is opened, so pipes may be among them. */
function shot(folder: string): readonly string[] {
  const found = spawnSync('find', [folder, '-mindepth', '1', '-printf', '%P %y %m %i %s %T@ %l\\n'], {
    encoding: 'utf8',
  });
  expect(found.status).toBe(0);
  return found.stdout.split('\n').filter(Boolean).toSorted();
}

beforeAll(async () => {
  for (const out of ['out', 'other']) {
    expect((await desk.certrelay('init', ...hosts, ...systems, '--out', out)).status).toBe(0);
  }
  mkdirSync(at('work'));
}, 60_000);
beforeEach(() => {
  rmSync(at('work'), { recursive: true });
  mkdirSync(at('work'));
});

describe('options that name what is to be written', () => {
  const rows = commands.flatMap(({ name, options }) =>
    options.map((row) => ({ ...row, title: `${name} ${/--[\w-]+/.exec(row.flags)?.[0]}` })),
  );

  it('are all here: an option that is marked so needs a way above', () => {
    const marked = rows.flatMap(({ title, writes }) => (writes === undefined ? [] : [[title, writes]]));
    expect(Object.fromEntries(marked)).toEqual(
      Object.fromEntries(Object.entries(ways).map(([title, { kind }]) => [title, kind])),
    );
  });

  it('are marked: a new option that names a file or directory is one that is written, a secret, or listed as read', () => {
    const known = new Set(
      rows.filter(({ writes, isSecret }) => writes !== undefined || isSecret).map(({ title }) => title),
    );
    const named = grammarOf(commands).commands.flatMap(({ name, flags }) =>
      flags
        .filter(({ long, value }) => long !== '--out' && (value?.kind === 'file' || value?.kind === 'folder'))
        .map(({ long }) => `${name} ${long}`),
    );
    expect(named.filter((one) => !known.has(one)).toSorted()).toEqual(otherwise.toSorted());
  });
});

describe.each(Object.entries(ways))('%s', (_title, { argv, option, files }) => {
  const write = (place: string, ...more: readonly string[]) =>
    desk.certrelay(...argv, ...more, option, place, '--json');

  /** Runs with a place and expects it to be refused, with nothing changed anywhere. */
  async function refuses(place: string, code: string): Promise<void> {
    const before = shot(desk.folder);
    const { status, stdout, stderr } = await write(place);
    expect([status, stdout], stderr).toEqual([2, expect.stringMatching(`"code":"${code}"`)]);
    expect(stderr).toContain('cannot write');
    expect(shot(desk.folder)).toEqual(before);
  }

  const inState = [
    'ca/cakey.pem',
    'ca/cacert.pem',
    'inventory.json',
    'ledger.jsonl',
    '.lock',
    '.lock.x',
    '.ledger.jsonl.new',
    'hosts/client.example.com/client.example.com.key',
    'hosts/new',
    'hosts',
    'ca',
    'next/a/b',
    'database',
    'CA/new.pem',
    'Ledger.jsonl',
  ];
  it.each(inState)('refuses %s of the state, under any name', async (name) => {
    const place = join('out', name);
    await refuses(place, 'output-state');
    await refuses(at(place), 'output-state');
    await refuses(join('work/..', place), 'output-state');
    await refuses(join('other', name), 'output-state');
    symlinkSync(at('out'), at('work/way'));
    await refuses(join('work/way', name), 'output-state');
    mkdirSync(at('work/deep'));
    symlinkSync(relative(at('work/deep'), at('out')), at('work/deep/way'));
    await refuses(join('work/deep/way', name), 'output-state');
  });

  const targets = files === undefined ? ['work/it'] : files.map((name) => join('work/it', name));
  const place = 'work/it';
  const makePlace = () => files !== undefined && mkdirSync(at(place), { recursive: true });

  it.each([
    'out/ca/cakey.pem',
    'out/ledger.jsonl',
    'out/inventory.json',
    'out/hosts/client.example.com/client.example.com.key',
    'out/ca/cacert.pem',
  ])('refuses a hard link to %s, and a symbolic one', async (file) => {
    for (const target of targets) {
      makePlace();
      linkSync(at(file), at(target));
      const { status } = await write(place);
      expect([status, readFileSync(at(target), 'utf8')]).toEqual([2, readFileSync(at(file), 'utf8')]);
      rmSync(at(target));
      symlinkSync(at(file), at(target));
      await refuses(place, 'output-(?:kind|state)');
      rmSync(at(target));
    }
  });

  it.each([
    ['words', 'dear diary\n'],
    ['a private key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'],
    ['a certificate', readFileSync(new URL('../../fixtures/seed/server.postconf', import.meta.url), 'utf8')],
    ['metrics of others', '# HELP node_load1 1m load average.\n# TYPE node_load1 gauge\nnode_load1 0.21\n'],
    ['metrics of others among ours', 'certrelay_well 1\nnode_load1 0.21\n'],
    ['a unit of others', '[Unit]\nDescription=mine\n'],
    ['octets', '\0\x01\x02'],
  ])('refuses a file with %s', async (_what, content) => {
    for (const target of targets) {
      makePlace();
      writeFileSync(at(target), content);
      await refuses(place, 'output-foreign');
      rmSync(at(target));
    }
  });

  it('refuses links, directories, pipes and devices', async () => {
    for (const target of targets) {
      makePlace();
      symlinkSync(at('nowhere'), at(target));
      await refuses(place, 'output-kind');
      rmSync(at(target));
      mkdirSync(at(target));
      await refuses(place, 'output-kind');
      rmSync(at(target), { recursive: true });
      spawnSync('mkfifo', [at(target)]);
      await refuses(place, 'output-kind');
      rmSync(at(target));
    }
    for (const device of ['/dev/null', '/dev/full', '/dev/stdout']) {
      const { status, stdout } = await write(device);
      expect([status, stdout]).toEqual([2, expect.stringContaining('output-kind')]);
    }
  });

  it('writes what is new, empty or its own, whole and beside the state', async () => {
    for (const there of ['nothing', 'an empty file', 'an earlier one']) {
      makePlace();
      if (there === 'an empty file') for (const target of targets) writeFileSync(at(target), '');
      const { status, stderr } = await write(place);
      expect([status, stderr], there).toEqual([0, '']);
      for (const target of targets) expect(readFileSync(at(target), 'utf8').length).toBeGreaterThan(100);
      if (there === 'nothing') rmSync(at(place), { recursive: true });
    }
    expect(
      shot(at('work'))
        .filter((line) => / f /.test(line))
        .map((line) => line.split(' ')[0]),
    ).toEqual(targets.map((target) => relative('work', target)).toSorted());
    if (files === undefined) {
      expect((await write('out/mine')).status).toBe(0);
      expect(existsSync(at('out/mine'))).toBe(true);
      rmSync(at('out/mine'));
    }
  });

  it('refuses before anything is done, and what another set-up has written stays', async () => {
    if (option !== '--crl') return;
    expect((await write('work/list', '--out', 'other')).status).toBe(0);
    await refuses('work/list', 'output-foreign');
    const before = shot(desk.folder);
    const ended = await desk.certrelay('remove', 'client.example.com', '--yes', '--crl', 'out/ledger.jsonl');
    expect([ended.status, shot(desk.folder)]).toEqual([2, before]);
  });
});

describe('init --out', () => {
  it.each(['hosts/relay.example.com/main.cf', 'hosts/client.example.com/install.sh', 'ca/cacert.pem'])(
    'does not overwrite %s where there is no set-up yet',
    async (name) => {
      const file = join('work/mine', name);
      mkdirSync(at(join(file, '..')), { recursive: true });
      writeFileSync(at(file), 'dear diary\n');
      const filesOf = () => shot(at('work')).filter((line) => / f /.test(line));
      const before = filesOf();
      const ended = await desk.certrelay('init', ...hosts, ...systems, '--out', 'work/mine');
      expect([ended.status, ended.stderr]).toEqual([2, expect.stringMatching(/never overwritten|does not know/)]);
      expect(filesOf()).toEqual(before);
    },
  );
});
