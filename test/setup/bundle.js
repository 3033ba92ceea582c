// Makes one plain script of a program of the tests, for it runs where no compiler is: in a process or namespaces of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * The path of the script, which is gone when this process is.
 * @param {URL} entry the source
 */
export async function bundled(entry) {
  const folder = mkdtempSync(join(tmpdir(), 'certrelay-bundle-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const outfile = join(folder, 'bundle.mjs');
  await bundle(entry, outfile);
  return outfile;
}

/**
 * The same under a name of the caller's.
 * @param {URL} entry
 * @param {string} outfile
 */
export async function bundle(entry, outfile) {
  await build({
    entryPoints: [fileURLToPath(entry)],
    outfile,
    ...{ bundle: true, format: 'esm', platform: 'node', target: 'node20.19', logLevel: 'error' },
    // Bundled CommonJS dependencies call require() for Node's own modules; ESM has none.
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  });
}
