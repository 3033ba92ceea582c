import { join } from 'node:path';
import type { Certrelay, SetUp } from './certrelay.ts';
import type { Machine, Ran } from './machine.ts';

/** Programs that stand in for Postfix's own on a machine, found before them. */
export const standIns = '/mnt/stand-ins';
export const withStandIns = `PATH=${standIns}:/usr/bin:/bin`;

/** Runs `certrelay apply` in a machine, with the bundle that the administrator has, on a folder that is carried there. */
export async function apply(certrelay: Certrelay, machine: Machine, ...args: readonly string[]): Promise<Ran> {
  const cli = join(certrelay.folder, 'package', 'dist', 'cli.js');
  return machine.run(['env', '-C', '/mnt', withStandIns, process.execPath, cli, 'apply', ...args]);
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
