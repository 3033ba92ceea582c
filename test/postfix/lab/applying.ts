import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certrelay, SetUp } from './certrelay.ts';
import type { Machine, Ran } from './machine.ts';

/** Programs that stand in for Postfix's own on a machine, found before them. */
export const standIns = '/mnt/stand-ins';

/** Runs `certrelay apply` in a machine, with the bundle that the administrator has, on a folder that is carried there. */
export async function apply(certrelay: Certrelay, machine: Machine, ...args: readonly string[]): Promise<Ran> {
  const cli = join(certrelay.folder, 'package', 'dist', 'cli.js');
  const path = `PATH=${standIns}:/usr/bin:/bin`;
  return machine.run(['env', '-C', '/mnt', path, process.execPath, cli, 'apply', ...args]);
}

/** Carries a host's folder to its machine, and applies it. */
export async function carryAndApply(
  { certrelay, setUp }: { readonly certrelay: Certrelay; readonly setUp: SetUp },
  machine: Machine,
  ...args: readonly string[]
): Promise<Ran> {
  setUp.carry(machine.name, machine);
  return apply(certrelay, machine, machine.name, ...args);
}

/** Every file below a folder of a machine with mode, owner, content and, where asked, time of change. */
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
