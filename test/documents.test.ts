import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../src/cli/commands/index.ts';
import { exitCodes } from '../src/lib/problem.ts';
import { Cluster, clusterNeeds } from './hosts/publish/cluster.ts';
import { needs } from './needs.ts';

/**
 * Every command that a document shows is run, in the order of the document, in one folder that looks like a clone.
 * The word after `sh` says what a block is: nothing, run it; `setup`, the commands of a fresh clone, of which the part
 * after `npm ci` is run; `database`, run it with a PostgreSQL that is called db.example.com; `host`, run on a real Postfix
 * by test/kinds/postfix; `bench`, run by hand.
 * A block `text output` behind one is compared with what was printed.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const documents = [
  ...['README.md', 'CHANGELOG.md', 'SECURITY.md'],
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

interface Block {
  readonly document: string;
  readonly line: number;
  readonly kind: string;
  readonly commands: readonly { readonly text: string; readonly exit: number }[];
  /** Lines of a `text output` block behind it: what the commands print, among other things. */
  readonly output: readonly string[];
}

function blocksOf(document: string): Block[] {
  const lines = readFileSync(join(root, document), 'utf8').split('\n');
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const fence = /^```(?:sh|bash|console)\s*(\w*)$/.exec(lines[at] ?? '');
    if (fence === null) continue;
    const end = lines.indexOf('```', at + 1);
    if (end === -1) throw new Error(`${document}:${at + 1}: this block has no end`);
    const body = lines
      .slice(at + 1, end)
      .join('\n')
      .replaceAll('\\\n', ' ')
      .split('\n');
    const commands = withHereDocuments(body)
      .filter((line) => line.trim() !== '' && !line.startsWith('#'))
      .map((line) => ({
        text: line.replace(/\s+# exit \d+$/, ''),
        exit: Number(/# exit (\d+)$/.exec(line)?.[1] ?? 0),
      }));
    const shown = lines[end + 1] === '' && lines[end + 2] === '```text output' ? end + 3 : undefined;
    const output = shown === undefined ? [] : lines.slice(shown, lines.indexOf('```', shown));
    blocks.push({ document, line: at + 1, kind: fence[1] ?? '', commands, output });
    at = end;
  }
  return blocks;
}

/** Whether a program printed the line; `…` stands for anything. */
function isPrinted(line: string, output: string): boolean {
  const pieces = line.split('…').map((piece) => piece.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^\\s*${pieces.join('.*')}\\s*$`, 'm').test(output);
}

/** A here-document belongs to the command above it. */
function withHereDocuments(lines: readonly string[]): string[] {
  const joined: string[] = [];
  let end: string | undefined;
  for (const line of lines) {
    if (end === undefined) joined.push(line);
    else joined.push(`${joined.pop() ?? ''}\n${line}`);
    if (end === undefined) end = /<<'(\w+)'/.exec(line)?.[1];
    else if (line === end) end = undefined;
  }
  return joined;
}

const blocks = documents.flatMap(blocksOf);
const lacksDatabase = needs(...clusterNeeds) !== false;
let cluster: Cluster | undefined;
let clone = '';
let path = '';

beforeAll(async () => {
  clone = mkdtempSync(join(tmpdir(), 'certrelay-documents-'));
  for (const file of ['package.json', 'README.md']) copyFileSync(join(root, file), join(clone, file));
  for (const folder of ['dist', 'templates', 'node_modules']) symlinkSync(join(root, folder), join(clone, folder));
  mkdirSync(join(clone, 'test'));
  cpSync(join(root, 'test/fixtures'), join(clone, 'test/fixtures'), { recursive: true });
  mkdirSync(join(clone, 'bin'));
  writeFileSync(join(clone, 'bin/certrelay'), `#!/bin/sh\nexec node '${clone}/dist/cli.js' "$@"\n`);
  chmodSync(join(clone, 'bin/certrelay'), 0o755);
  path = `${join(clone, 'bin')}:${process.env.PATH}`;
});
afterAll(async () => {
  await cluster?.remove();
  rmSync(clone, { recursive: true, force: true });
});

/** A PostgreSQL for the commands that want one, and where it is. */
async function withDatabase(): Promise<{ readonly place: string; readonly env: Readonly<Record<string, string>> }> {
  if (cluster === undefined) {
    cluster = await Cluster.start();
    cluster.sql('postgres', 'DROP DATABASE certrelay');
    copyFileSync(cluster.issuer, join(clone, 'db-ca.pem'));
  }
  const env = { PGHOST: cluster.folder, PGPORT: String(cluster.port), PGUSER: 'postgres' };
  return { place: `${cluster.name}:${cluster.port}`, env };
}

describe('the commands that the documents show', () => {
  it('are there to be run', () => {
    expect(blocks.flatMap((block) => block.commands).length).toBeGreaterThan(8);
    expect(
      [...new Set(blocks.map(({ kind }) => kind))].filter(
        (kind) => !['', 'setup', 'database', 'host', 'bench'].includes(kind),
      ),
    ).toEqual([]);
  });

  for (const { document, line, kind, commands, output } of blocks) {
    if (kind === 'bench' || kind === 'host') continue;
    it.skipIf(kind === 'database' && lacksDatabase)(`${document}:${line}`, async () => {
      const database = kind === 'database' ? await withDatabase() : undefined;
      if (kind === 'setup') {
        const scripts = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts;
        for (const { text } of commands) {
          const script = /^npm ci && npm (?:run )?(\w+)/.exec(text)?.[1] ?? 'none';
          expect(Object.keys(scripts)).toContain(script);
        }
        return;
      }
      // One shell a block: a block may change its folder.
      const checked = commands.map(
        ({ text, exit }) =>
          `${text}\nstatus=$?; [ $status -eq ${exit} ] || { echo "exit $status, not ${exit}: ${text.replaceAll(/["$`\\]/g, '')}" >&2; exit 99; }`,
      );
      const script = checked.join('\n').replaceAll('db.example.com/', `${database?.place ?? 'db.example.com'}/`);
      const ran = spawnSync('sh', ['-c', script], {
        cwd: clone,
        encoding: 'utf8',
        env: { ...process.env, PATH: path, ...database?.env },
      });
      expect(ran.status, `${ran.stdout}${ran.stderr}`).toBe(0);
      expect(
        output.filter((shown) => !isPrinted(shown, ran.stdout)),
        ran.stdout,
      ).toEqual([]);
    });
  }

  it.each(documents)('%s has links that lead somewhere', (document) => {
    const text = (path: string) => readFileSync(join(root, path), 'utf8');
    const anchors = (path: string) =>
      [...text(path).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replace(/[^\w\- ]/g, '')
          .replaceAll(' ', '-'),
      );
    const links = [...text(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    const broken = links.filter((target) => {
      if (/^https?:/.test(target)) return false;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? document : join(document, '..', path);
      if (!existsSync(join(root, file))) return true;
      return anchor !== undefined && !anchors(file).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('CHANGELOG begins with the version of the package', () => {
    const version = (name: string) => JSON.parse(readFileSync(join(root, name), 'utf8')).version;
    const [first] = /^## (.*)$/m.exec(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'))?.slice(1) ?? [];
    expect([first, version('package-lock.json')]).toEqual([version('package.json'), version('package.json')]);
  });

  it('README lists every command', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const listed = [...readme.matchAll(/^\| ((?:`[a-z]+`(?:, )?)+) \|/gm)].flatMap(([, names = '']) =>
      names.match(/[a-z]+/g),
    );
    expect(listed.sort()).toEqual(commands.map(({ name }) => name).sort());
  });

  it('README lists every exit code', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    for (const [code, meaning] of Object.values(exitCodes)) {
      expect(readme).toContain(`| ${code} | ${meaning.replace('--check', '`--check`')} |`);
    }
  });
});
