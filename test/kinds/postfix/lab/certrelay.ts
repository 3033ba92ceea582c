import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyPackage } from '../../../setup/package-copy.ts';
import type { Machine, Ran } from './machine.ts';

/** certrelay as an administrator has it: the built bundle with its templates, away from the sources. */
export class Certrelay {
  readonly folder = mkdtempSync(join(tmpdir(), 'certrelay-lab-'));
  readonly #cli = join(this.folder, 'package', 'dist', 'cli.js');

  constructor() {
    copyPackage(join(this.folder, 'package'));
  }

  run(...args: readonly string[]): Ran {
    const { status, stdout, stderr } = spawnSync(process.execPath, [this.#cli, ...args], {
      encoding: 'utf8',
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return { status: status ?? -1, stdout, stderr };
  }

  /** `certrelay init … --yes` in an output folder of this name, which has to succeed. */
  init(name: string, ...args: readonly string[]): SetUp {
    const setUp = new SetUp(join(this.folder, name));
    const { status, stdout, stderr } = this.run('init', ...args, '--yes', '--out', setUp.out);
    if (status !== 0) throw new Error(`certrelay init ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
    return setUp;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What one `init` made. */
export class SetUp {
  readonly out: string;

  constructor(out: string) {
    this.out = out;
  }

  /** A file of a host's folder, or the folder. */
  path(host: string, file = ''): string {
    return join(this.out, 'hosts', host, file);
  }

  /** The text of a file of a host's folder. */
  read(host: string, file: string): string {
    return readFileSync(this.path(host, file), 'utf8');
  }

  /** Copies a host's folder to its machine. */
  carry(host: string, machine: Machine): void {
    rmSync(machine.path(`/mnt/${host}`), { recursive: true, force: true });
    cpSync(this.path(host), machine.path(`/mnt/${host}`), { recursive: true });
  }

  /** Copies a host's folder to its machine, and runs install.sh there. */
  async install(host: string, machine: Machine, ...args: readonly string[]): Promise<Ran> {
    this.carry(host, machine);
    return runInstall(host, machine, ...args);
  }
}

/** Runs the install.sh that was carried to a machine. */
export function runInstall(host: string, machine: Machine, ...args: readonly string[]): Promise<Ran> {
  return machine.run(['sh', `/mnt/${host}/install.sh`, ...args]);
}
