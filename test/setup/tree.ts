import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a file is, down to the nanosecond of its last change: equal trees were not touched. */
export interface Leaf {
  readonly mode: string;
  readonly changed: string;
  readonly content: string;
}

/** Every file below a folder by its path; folders themselves are left out. */
export function treeOf(folder: string): Readonly<Record<string, Leaf>> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const leaves = names.flatMap((name) => {
    const path = join(folder, name);
    const status = lstatSync(path, { bigint: true });
    if (status.isDirectory()) return [];
    const mode = (Number(status.mode) & 0o7777).toString(8).padStart(4, '0');
    return [[name, { mode, changed: String(status.mtimeNs), content: readFileSync(path, 'utf8') }] as const];
  });
  return Object.fromEntries(leaves);
}
