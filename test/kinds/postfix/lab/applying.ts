import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Certrelay, SetUp } from './certrelay.ts';
import type { Machine, Ran } from './machine.ts';

/** Programs that stand in for Postfix's own on a machine. */
export const standIns = '/mnt/stand-ins';

/** The option by which they are found before Postfix's own, where there are any. */
export function standInOptions(machine: Machine): readonly string[] {
  const folder = machine.path(standIns);
  return existsSync(folder) && readdirSync(folder).length > 0 ? ['--programs', standIns] : [];
}

/** Runs `certrelay apply` in a machine, with the bundle that the administrator has, on a folder that is carried there. */
export async function apply(certrelay: Certrelay, machine: Machine, ...args: readonly string[]): Promise<Ran> {
  const cli = join(certrelay.folder, 'package', 'dist', 'cli.js');
  return machine.run(['env', '-C', '/mnt', process.execPath, cli, 'apply', ...args, ...standInOptions(machine)]);
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
