import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Machine, Ran } from './machine.ts';

const project = fileURLToPath(new URL('../../..', import.meta.url));

/** certrelay as an administrator has it: the built bundle with its templates, away from the sources, and a folder for its files. */
export class Certrelay {
  readonly folder = mkdtempSync(join(tmpdir(), 'certrelay-lab-'));
  readonly out: string;

  constructor() {
    this.out = join(this.folder, 'out');
    for (const part of ['dist', 'templates', 'package.json']) {
      cpSync(join(project, part), join(this.folder, 'package', part), { recursive: true });
    }
  }

  run(...args: readonly string[]): Ran {
    const cli = join(this.folder, 'package', 'dist', 'cli.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
      encoding: 'utf8',
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return { status: status ?? -1, stdout, stderr };
  }

  /** `certrelay init … --yes`, which has to succeed. */
  init(...args: readonly string[]): string {
    const { status, stdout, stderr } = this.run('init', ...args, '--yes', '--out', this.out);
    if (status !== 0) throw new Error(`certrelay init ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
    return stdout;
  }

  /** The folder of one host, as `init` left it. */
  host(name: string): string {
    return join(this.out, 'hosts', name);
  }

  /** Copies a host's folder to its machine. */
  carry(name: string, machine: Machine): void {
    cpSync(this.host(name), machine.path(`/mnt/${name}`), { recursive: true });
  }

  /** Copies a host's folder to its machine and runs install.sh there. */
  async install(name: string, machine: Machine, ...args: readonly string[]): Promise<Ran> {
    this.carry(name, machine);
    return machine.run([`/mnt/${name}/install.sh`, ...args]);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
