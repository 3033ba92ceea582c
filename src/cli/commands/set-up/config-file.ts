import { resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { readText } from '../../../lib/files/read.ts';
import { usage } from '../../../lib/problem.ts';
import type { ConfigFile } from '../../../provision/settings/given-values.ts';

/** Reads the file of `--config`: JSON is YAML too, so one parser reads both. Loaded only when there is such a file. */
export function readConfigFile(file: string, cwd: string): ConfigFile {
  const path = resolve(cwd, file);
  const text = readText(path, 1_048_576);
  const document = parseDocument(text);
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
  try {
    return { file: path, values: document.toJS() };
  } catch {
    // Aliases of aliases multiply; the parser gives up rather than fill the memory.
    throw usage('config-aliases', `"${file}" repeats itself by aliases too often`, 'write the values out');
  }
}
