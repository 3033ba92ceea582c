import { resolve } from 'node:path';
import type { ConfigFile } from '../../inventory/given-values.ts';
import { readText } from '../../lib/files-read.ts';
import { usage } from '../../lib/problem.ts';

/** Reads the file of `--config`: JSON is YAML too, so one parser, loaded only when there is such a file, reads both. */
export async function readConfigFile(file: string, cwd: string): Promise<ConfigFile> {
  const path = resolve(cwd, file);
  const text = readText(path, 1_048_576);
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text, { uniqueKeys: true, maxAliasCount: 0 } as object);
  const [error] = document.errors;
  if (error !== undefined) {
    const at = error.linePos?.[0];
    const where = { file, line: at?.line ?? 1, column: at?.col ?? 1 };
    throw usage(
      'config-syntax',
      (error.message.split('\n')[0] ?? '').replace(/ at line .*$/, '').replace(/^./, (first) => first.toLowerCase()),
      undefined,
      where,
    );
  }
  return { file: path, values: document.toJS({ maxAliasCount: 0 }) };
}
