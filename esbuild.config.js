// Builds dist/: the command line as one bundle with lazily loaded chunks, the two library entries and their types,
// and what the commands say of themselves: completions and the man page. All that is needed at run time is inside.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { declare } from './src/packaging/declarations.js';
import { licencesOf } from './src/packaging/licences.js';

const root = fileURLToPath(new URL('.', import.meta.url));

const esbuild = await import('esbuild').catch(() => undefined);
if (esbuild === undefined) {
  // `npm ci --omit=dev` runs "prepare" too, and must not fail for want of a compiler.
  console.error('certrelay: build tools are not installed, so dist/ is not built; run "npm ci" without --omit=dev');
  process.exit(0);
}

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
// Built beside dist/ and put in its place when all of it is there, for somebody may be running what is there now.
const made = `dist-${process.pid}`;
process.on('exit', () => rmSync(`${root}${made}`, { recursive: true, force: true }));

/** tsyringe, below @peculiar/x509, looks for the Reflect polyfill when it is evaluated, and in a bundle that is before its importers. */
const reflectFirst = {
  name: 'reflect-first',
  setup(build) {
    build.onLoad({ filter: /[\\/]tsyringe[\\/]dist[\\/]esm5[\\/]index\.js$/ }, ({ path }) => ({
      contents: `import 'reflect-metadata';\n${readFileSync(path, 'utf8')}`,
      resolveDir: dirname(path),
    }));
  },
};

/**
 * The polyfill adds its functions to the global Reflect, where everybody who loads this package would find them. In the bundle
 * it, and whoever looks for them, get a Reflect of their own (src/packaging/own-reflect.js is injected for the global name).
 */
const ownReflect = {
  name: 'own-reflect',
  setup(build) {
    build.onLoad({ filter: /[\\/]reflect-metadata[\\/]Reflect\.js$/ }, ({ path }) => {
      const global = 'var root = typeof globalThis === "object" ? globalThis :';
      const source = readFileSync(path, 'utf8');
      if (!source.includes(global)) throw new Error(`${path}: the polyfill finds the global object in another way`);
      return {
        contents: `import { Reflect as own } from '${root}src/packaging/own-reflect.js';\n${source.replace(global, 'var root = own ? { Reflect: own } :')}`,
        resolveDir: dirname(path),
      };
    });
  },
};

const program = await esbuild.build({
  absWorkingDir: root,
  // Modules, where a library has them: they load in three quarters of the time of what CommonJS becomes in a bundle.
  mainFields: ['module', 'main'],
  plugins: [reflectFirst, ownReflect],
  inject: ['src/packaging/own-reflect.js'],
  entryPoints: { cli: 'src/main.ts', certrelay: 'src/certrelay.ts' },
  outdir: made,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  metafile: true,
  define: { __CERTRELAY_VERSION__: JSON.stringify(version) },
  // Bundled CommonJS dependencies call require() for Node's own modules; ESM has none.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
});

// The policy simulator stands alone: no Node API, so no platform, and a stray node:* import fails the build.
const policy = await esbuild.build({
  absWorkingDir: root,
  entryPoints: { policy: 'src/policy/policy.ts' },
  outdir: made,
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2023',
  metafile: true,
});

const inputs = [program, policy].flatMap(({ metafile }) => Object.keys(metafile.inputs));
writeFileSync(`${root}${made}/LICENCES.txt`, licencesOf(inputs, root));
chmodSync(`${root}${made}/cli.js`, 0o755);

if (!declare(root, ['policy/policy', 'certrelay'], `${made}/types`)) {
  console.error('certrelay: the type declarations in dist/types could not be built');
  process.exitCode = 1;
}

// The names are those under which each shell and man(1) look for them.
for (const [path, ...args] of [
  ['completions/bash/certrelay', 'completion', 'bash'],
  ['completions/zsh/_certrelay', 'completion', 'zsh'],
  ['completions/fish/certrelay.fish', 'completion', 'fish'],
  ['man/certrelay.1', 'man'],
]) {
  const said = spawnSync(process.execPath, [`${made}/cli.js`, ...args], { cwd: root, encoding: 'utf8' });
  if (said.status !== 0) throw new Error(`certrelay ${args.join(' ')}: ${said.stderr}`);
  mkdirSync(dirname(join(root, made, path)), { recursive: true });
  writeFileSync(join(root, made, path), said.stdout);
}

// Executables are of a build of their own, which takes longer.
for (const name of existsSync(`${root}dist`) ? readdirSync(`${root}dist`) : []) {
  if (!/^certrelay-[a-z0-9]+-[a-z0-9]+(?:\.LICENCES\.txt)?$/.test(name)) continue;
  renameSync(`${root}dist/${name}`, `${root}${made}/${name}`);
  if (!name.endsWith('.txt')) console.error(`dist/${name} stays as it was; "npm run build:binary" makes it anew`);
}
rmSync(`${root}dist`, { recursive: true, force: true });
renameSync(`${root}${made}`, `${root}dist`);
