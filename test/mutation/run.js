// Changes every row of the registries in turn and counts the changes that the recorded sessions and transcripts miss.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = mkdtempSync(join(tmpdir(), 'certrelay-mutation-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const outfile = join(folder, 'main.mjs');
await build({
  entryPoints: [fileURLToPath(new URL('main.ts', import.meta.url))],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  logLevel: 'error',
});
const tests = fileURLToPath(new URL('..', import.meta.url));
const { status } = spawnSync(process.execPath, [outfile, tests], { stdio: 'inherit' });
process.exitCode = status ?? 1;
