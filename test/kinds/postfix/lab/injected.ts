import { join } from 'node:path';
import { bundle } from '../../../setup/bundle.js';

/** Makes one plain script of apply-injected.ts in a folder, for a machine has no compiler; answers its path. */
export async function injectedApply(folder: string): Promise<string> {
  const outfile = join(folder, 'apply-injected.mjs');
  await bundle(new URL('apply-injected.ts', import.meta.url), outfile);
  return outfile;
}
