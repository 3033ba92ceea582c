// Builds dist/: the command line as one bundle with lazily loaded chunks, the two library entries, and their types.
import { spawnSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

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

await esbuild.build({
  absWorkingDir: root,
  entryPoints: ['src/cli.ts', 'src/certrelay.ts'],
  outdir: made,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  define: { __CERTRELAY_VERSION__: JSON.stringify(version) },
  // Bundled CommonJS dependencies call require() for Node's own modules; ESM has none.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
});

// The policy simulator stands alone: no Node API, so no platform, and a stray node:* import fails the build.
await esbuild.build({
  absWorkingDir: root,
  entryPoints: ['src/policy.ts'],
  outdir: made,
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2023',
});

// One tsconfig.json serves editor, check and tests; the emitted types are of the two library entries only.
const { compilerOptions } = JSON.parse(readFileSync(new URL('tsconfig.json', import.meta.url), 'utf8'));
const kept = ['target', 'module', 'moduleResolution', 'strict', 'exactOptionalPropertyTypes', 'skipLibCheck'];
const tsc = spawnSync(
  process.execPath,
  [
    'node_modules/typescript/bin/tsc',
    '--ignoreConfig',
    ...kept.flatMap((name) => [`--${name}`, String(compilerOptions[name])]),
    ...['--allowImportingTsExtensions', '--rewriteRelativeImportExtensions', '--resolveJsonModule', '--types', 'node'],
    ...['--declaration', '--emitDeclarationOnly', '--rootDir', 'src', '--outDir', `${made}/types`],
    ...['src/policy.ts', 'src/certrelay.ts'],
  ],
  { cwd: root, stdio: 'inherit' },
);
if (tsc.error !== undefined || tsc.status !== 0) {
  console.error('certrelay: the type declarations in dist/types could not be built');
  process.exitCode = 1;
}
rmSync(`${root}dist`, { recursive: true, force: true });
renameSync(`${root}${made}`, `${root}dist`);
