// `npm run build:binary`: one executable for hosts without Node, dist/certrelay-linux-x64 (or what the machine is).
// It is the Node that runs this, with the command line and its templates inside, as Node's "single executable
// applications" has it; so it needs the C library that this Node needs: 2.28
// or newer with the builds of nodejs.org.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { licenceOfNode, licencesOf } from './licences.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
// Another folder than dist/ may be given.
const folder = resolve(process.argv[2] ?? join(root, 'dist'));
const name = `certrelay-${process.platform}-${process.arch}`;
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const work = mkdtempSync(join(tmpdir(), 'certrelay-binary-'));
const at = (file) => join(work, file);

try {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/main.ts'],
    outfile: at('cli.cjs'),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    minify: true,
    keepNames: true,
    legalComments: 'none',
    metafile: true,
    define: {
      __CERTRELAY_VERSION__: JSON.stringify(version),
      __CERTRELAY_TEMPLATES__: JSON.stringify(templates()),
      // Whoever asks where the program lies gets the executable; there are no other files.
      'import.meta.url': '__certrelayUrl',
    },
    banner: { js: "const __certrelayUrl=require('node:url').pathToFileURL(process.execPath).href;" },
  });
  // The code cache saves the compiler's work at each start.
  const blob = { main: at('cli.cjs'), output: at('blob'), disableExperimentalSEAWarning: true, useCodeCache: true };
  writeFileSync(at('sea.json'), JSON.stringify(blob));
  run(process.execPath, '--experimental-sea-config', at('sea.json'));
  copyFileSync(process.execPath, at(name));
  chmodSync(at(name), 0o755);
  // Symbols are for debuggers of Node; without "strip" the executable is only larger.
  if (spawnSync('strip', [at(name)], { stdio: 'ignore' }).status !== 0) console.error('not stripped: no "strip" here');
  const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
  // As a program, for as a library it complains of sections that strip has rightly left without a name.
  const postject = join(root, 'node_modules/postject/dist/cli.js');
  run(process.execPath, postject, at(name), 'NODE_SEA_BLOB', at('blob'), '--sentinel-fuse', fuse);
  const licences = `${licencesOf(Object.keys(metafile.inputs), root)}\n${'-'.repeat(78)}\n${licenceOfNode(process.execPath)}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.LICENCES.txt`), licences);
  // Beside the old one first: that may be running.
  copyFileSync(at(name), join(folder, `${name}.new`));
  renameSync(join(folder, `${name}.new`), join(folder, name));
  console.log(
    `${join(folder, name)}: ${Math.round(statSync(join(folder, name)).size / 1e6)} MB, needs glibc ${neededGlibc()}`,
  );
} finally {
  rmSync(work, { recursive: true, force: true });
}

function templates() {
  const folder = join(root, 'templates');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.hbs'))
    .sort()
    .map((file) => ({ name: file, text: readFileSync(join(folder, file), 'utf8') }));
}

/** The newest version of a symbol of the C library that the executable asks for; each is named in it. */
function neededGlibc() {
  const named = readFileSync(at(name), 'latin1').matchAll(/\bGLIBC_(\d+)\.(\d+)/g);
  const versions = [...named].map(([, major, minor]) => [Number(major), Number(minor)]);
  const [newest] = versions.sort(([a, b], [c, d]) => c - a || d - b);
  return newest === undefined ? 'none' : newest.join('.');
}

function run(program, ...args) {
  const { status, error, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (error !== undefined || status !== 0) throw error ?? new Error(`${program} ${args.join(' ')}: ${stderr}`);
}
