import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './machine.ts';

/** Every file below a folder of a machine with mode, owner, content and, where asked, time of change: to see that nothing changed. */
export function snapshotOf(
  machine: Machine,
  { folder = '/etc/postfix', times = false } = {},
): Readonly<Record<string, string>> {
  const root = machine.path(folder);
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    names.map((name) => {
      const status = lstatSync(join(root, name));
      const content = status.isFile() ? digest(join(root, name)) : '';
      const facts = [status.mode.toString(8), status.uid, status.gid, ...(times ? [status.mtimeMs] : [])];
      return [name, `${facts.join(' ')} ${content}`];
    }),
  );
}

/** Enough to see a difference, and short in the message of a test that fails. */
function digest(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16);
}
