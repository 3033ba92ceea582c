import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../../src/cli/commands/index.ts';
import { grammarOf } from '../../../src/cli/completion/grammar.ts';
import { needs } from '../../needs.ts';
import { treeOf } from '../../setup/tree.ts';
import { workplace } from '../../setup/workplace.ts';

const desk = workplace();
const { at } = desk;
const hosts = [
  '--server',
  'relay.example.com',
  '--client',
  'client.example.com',
  '--os',
  'debian12',
  '--client-os',
  'debian12',
  '--yes',
];
const database = 'postgresql://certrelay_writer@db.example.com/certrelay';
const secret = 'xyzzy-plugh';

/** How a file with a secret comes to a command: its content, and the command line; `FILE` is the file. */
interface Way {
  readonly content: () => string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What the file is called where a name is prescribed. */
  readonly name?: string;
}

const phrase = () => `${secret}\n`;
const key = () =>
  spawnSync('cat', [at('out/hosts/client.example.com/client.example.com.key')], { encoding: 'utf8' }).stdout;
const certificate = 'out/hosts/client.example.com/client.example.com.crt';
const publish = ['publish', '--check', '--out', 'farm'];
const ways: Readonly<Record<string, Way>> = {
  'init --passphrase-file': { content: phrase, argv: ['init', ...hosts, '--out', 'new', '--passphrase-file', 'FILE'] },
  'add --passphrase-file': {
    content: phrase,
    argv: ['add', 'b.example.com', '--out', 'locked', '--passphrase-file', 'FILE'],
  },
  'rotate --passphrase-file': {
    content: phrase,
    argv: ['rotate', 'client.example.com', '--out', 'locked', '--passphrase-file', 'FILE'],
  },
  'remove --passphrase-file': {
    content: phrase,
    argv: ['remove', '--crl', 'crl.pem', '--out', 'locked', '--passphrase-file', 'FILE'],
  },
  'publish --database-file': {
    content: () => database.replace('@', `:${secret}@`),
    argv: [...publish, '--database-file', 'FILE'],
  },
  'publish --database-password-file': {
    content: phrase,
    argv: [...publish, '--database', database, '--database-password-file', 'FILE'],
  },
  'probe --key': { content: key, argv: ['probe', 'localhost:1', '--cert', certificate, '--key', 'FILE'] },
};
/** Those that no option names. */
const others: Readonly<Record<string, Way>> = {
  PGPASSFILE: {
    content: () => `*:*:*:*:${secret}\n`,
    argv: [...publish, '--database', database],
    env: { PGPASSFILE: 'FILE' },
  },
  'passfile in the URI': {
    content: () => `*:*:*:*:${secret}\n`,
    argv: [...publish, '--database', `${database}?passfile=FILE`],
  },
  'sslkey in the URI': {
    content: key,
    argv: [...publish, '--database', `${database}?sslcert=CERTIFICATE&sslkey=FILE`],
  },
  'a credential of systemd': {
    content: phrase,
    argv: ['add', 'c.example.com', '--out', 'locked'],
    env: { CREDENTIALS_DIRECTORY: 'FOLDER' },
    name: 'ca-passphrase',
  },
};

beforeAll(async () => {
  writeFileSync(at('right'), phrase(), { mode: 0o600 });
  const farm = ['--table-type', 'pgsql', '--database', database.replace('writer', 'reader')];
  for (const [out, ...more] of [['out'], ['locked', '--passphrase-file', 'right']] as const) {
    const made = await desk.certrelay('init', ...hosts, '--out', out, ...more);
    expect([made.status, made.stderr]).toEqual([0, '']);
  }
  const made = await desk.certrelay(
    'init',
    ...hosts,
    '--client-os',
    'debian12',
    '--out',
    'farm',
    ...farm,
    '--database-ca',
    'out/ca/cacert.pem',
  );
  expect([made.status, made.stderr]).toEqual([0, '']);
}, 60_000);

let turn = 0;

/** Runs a way with a file that `make` has prepared, and says how that ended. */
async function tried({ content, argv, env = {}, name = 'secret' }: Way, make: (path: string) => void) {
  const path = at(`way-${++turn}/${name}`);
  mkdirSync(dirname(path));
  writeFileSync(path, content(), { mode: 0o600 });
  make(path);
  const filled = (text: string) =>
    text.replace('FILE', path).replace('FOLDER', dirname(path)).replace('CERTIFICATE', at(certificate));
  const before = treeOf(desk.folder);
  const ended = await desk.run([...argv.map(filled), '--json'], {
    env: Object.fromEntries(Object.entries(env).map(([variable, text]) => [variable, filled(text)])),
  });
  expect(ended.stdout + ended.stderr).not.toContain(secret);
  return { ...ended, changed: treeOf(desk.folder), before };
}

describe('options that name a file with a secret', () => {
  it('are all here: an option that is marked so needs a way below', () => {
    const marked = commands.flatMap(({ name, options }) =>
      options.filter(({ isSecret }) => isSecret === true).map(({ flags }) => `${name} ${flags.split(' ')[0]}`),
    );
    expect(marked.toSorted()).toEqual(Object.keys(ways).toSorted());
  });

  it('are marked: what is called a key, a password or a passphrase names one', () => {
    const named = grammarOf(commands).commands.flatMap(({ name, flags }) =>
      flags
        .filter(({ long, value }) => value?.kind === 'file' && /key$|pass(?:word|phrase)|secret|credential/.test(long))
        .map(({ long }) => `${name} ${long}`),
    );
    // It only stands in a unit: systemd and the run of that day read it.
    expect(named.filter((one) => ways[one] === undefined)).toEqual(['timer --passphrase-file']);
  });

  const bad: readonly (readonly [string, string, (path: string) => void])[] = [
    ['that others may read', 'secret-open', (path) => chmodSync(path, 0o644)],
    ['that everybody may write', 'secret-open', (path) => chmodSync(path, 0o602)],
    [
      'behind a link',
      'secret-link',
      (path) => {
        copyFileSync(path, `${path}.real`);
        chmodSync(`${path}.real`, 0o600);
        spawnSync('rm', [path]);
        symlinkSync(`${path}.real`, path);
      },
    ],
    [
      'in Latin-1',
      'secret-encoding',
      (path) => writeFileSync(path, Buffer.concat([Buffer.from([0xf6]), Buffer.from('x\n')])),
    ],
    ...(needs('root') === false
      ? [['of another user', 'secret-foreign', (path: string) => chownSync(path, 65_534, 65_534)] as const]
      : []),
  ];
  for (const [name, way] of Object.entries({ ...ways, ...others })) {
    it.each(bad)(`${name}: a file %s is refused, and nothing is changed`, async (_what, code, make) => {
      const { status, stdout, stderr, changed, before } = await tried(way, make);
      expect([status, stdout + stderr]).toEqual([2, expect.stringContaining(code)]);
      expect(changed).toEqual(before);
    });

    it(`${name}: a file of one's own is read`, async () => {
      const { stdout, stderr } = await tried(way, (path) => expect(lstatSync(path).mode & 0o777).toBe(0o600));
      expect(stdout + stderr).not.toContain('secret-');
    }, 30_000);
  }
});
