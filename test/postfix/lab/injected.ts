import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Makes one plain script of apply-injected.ts in a folder, for a machine has no compiler; answers its path. */
export async function injectedApply(folder: string): Promise<string> {
  const outfile = join(folder, 'apply-injected.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('apply-injected.ts', import.meta.url))],
    outfile,
    ...{ bundle: true, format: 'esm', platform: 'node', target: 'node20.19', logLevel: 'error' },
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  });
  return outfile;
}
