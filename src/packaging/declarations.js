// Type declarations of the two library entries: what these reach, and nothing of what stands behind it.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes the declarations of `entries` (below src/) to `folder`. Returns false, after tsc's own words, when tsc fails. */
export function declare(root, entries, folder) {
  // One tsconfig.json serves editor, check and tests; the emitted types are of the library entries only.
  const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  const kept = ['target', 'module', 'moduleResolution', 'strict', 'exactOptionalPropertyTypes', 'skipLibCheck'];
  const tsc = spawnSync(
    process.execPath,
    [
      'node_modules/typescript/bin/tsc',
      '--ignoreConfig',
      ...kept.flatMap((name) => [`--${name}`, String(compilerOptions[name])]),
      ...[
        '--allowImportingTsExtensions',
        '--rewriteRelativeImportExtensions',
        '--resolveJsonModule',
        '--types',
        'node',
      ],
      ...['--declaration', '--emitDeclarationOnly', '--rootDir', 'src', '--outDir', folder],
      ...entries.map((entry) => `src/${entry}.ts`),
    ],
    { cwd: root, stdio: 'inherit' },
  );
  if (tsc.error !== undefined || tsc.status !== 0) return false;
  prune(
    join(root, folder),
    entries.map((entry) => `${entry}.d.ts`),
  );
  return true;
}

/** tsc declares every file that it read; those that no declaration names would only carry names of unshipped packages. */
function prune(folder, entries) {
  const reached = new Set();
  const reach = (file) => {
    if (reached.has(file)) return;
    reached.add(file);
    const text = readFileSync(join(folder, file), 'utf8');
    for (const [, named] of text.matchAll(/(?:from|import\()\s*['"](\.[^'"]+)\.ts['"]/g)) {
      const target = `${join(dirname(file), named)}.d.ts`;
      if (existsSync(join(folder, target))) reach(target);
    }
  };
  for (const entry of entries) reach(entry);
  const folders = [];
  for (const found of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(found.parentPath, found.name);
    if (found.isDirectory()) folders.push(path);
    else if (!reached.has(path.slice(folder.length + 1))) rmSync(path);
  }
  for (const path of folders.sort().reverse()) {
    if (readdirSync(path).length === 0) rmdirSync(path);
  }
}
