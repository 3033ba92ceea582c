import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cluster, passwords } from '../../../hosts/publish/cluster.ts';
import type { Lab } from './lab.ts';
import type { Machine, Ran } from './machine.ts';

export const databaseHost = 'db.example.com';

/** A PostgreSQL on a host of the lab. */
export function databaseOn(machine: Machine): Promise<Cluster> {
  return Cluster.start({
    spawn: (program, ...args) => machine.spawn(program, ...args),
    kill: (pid) => machine.must('kill', '-QUIT', String(pid)),
    ...{ name: databaseHost, listen: '*', port: 5432 },
  });
}

/** What an administrator puts on each server, once: the password, for Postfix's own user; `root` is where its system lies. */
export async function putPassword(machine: Machine, root = '/'): Promise<void> {
  const file = join(root, 'etc/postfix/certrelay.pgpass');
  const escaped = passwords.certrelay_reader.replaceAll('\\', '\\\\').replaceAll(':', '\\:');
  rmSync(machine.path(file), { force: true });
  writeFileSync(machine.path(file), `*:*:*:*:${escaped}\n`, { mode: 0o600 });
  await machine.must('chroot', root, 'chown', 'postfix', '/etc/postfix/certrelay.pgpass');
}

/** Runs certrelay on a host of the lab, from where the database is reached. */
export function certrelayOn(
  machine: Machine,
  { certrelay }: Pick<Lab, 'certrelay'>,
  ...args: readonly string[]
): Promise<Ran> {
  const cli = join(certrelay.folder, 'package', 'dist', 'cli.js');
  return machine.run(['env', '-C', certrelay.folder, process.execPath, cli, ...args]);
}
