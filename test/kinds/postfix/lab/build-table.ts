import { statSync, writeFileSync } from 'node:fs';
import type { Machine } from './machine.ts';
import { until } from './until.ts';

/** Replaces a hash table as a postmaster does it by hand, with postmap and no reload. */
export async function buildTable(machine: Machine, path: string, source: string): Promise<void> {
  // An SMTP server process that runs looks at the table's time of change, in whole seconds (dict_changed_name).
  const { mtimeMs } = statSync(machine.path(`${path}.db`));
  await until('next second', () => (Math.floor(Date.now() / 1000) > Math.floor(mtimeMs / 1000) ? true : undefined));
  writeFileSync(machine.path(path), source);
  await machine.must('postmap', path);
}
