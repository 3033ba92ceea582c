import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Copies what an installed package runs from into a folder, so that it stands alone: another run of the tests in this tree may
 * build dist/ anew meanwhile. Answers the path of its command line.
 */
export function copyPackage(folder: string): string {
  for (const part of ['dist', 'templates', 'package.json']) {
    // A single executable that was built besides is large, and of no use here.
    const filter = (path: string) => !path.includes('/dist/certrelay-linux-');
    cpSync(join(root, part), join(folder, part), { recursive: true, filter });
  }
  return join(folder, 'dist', 'cli.js');
}
