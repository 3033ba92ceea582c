import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import type { HostView } from '../../../../src/provision/render/view.ts';
import { fragmentOf, installScript } from '../../../provision/render/install/sample.ts';
import { seal } from '../../../provision/render/install/seal.ts';
import { standInOptions, standIns } from './applying.ts';
import type { Machine, Ran } from './machine.ts';
import { snapshotOf } from './snapshot.ts';

/** Where a host's folder lies on its machine. */
const folder = '/mnt/kit';

/** A host's folder on a machine, for install.sh alone: a key pair made there, and a table of any two fingerprints. */
export class Kit {
  readonly machine: Machine;

  private constructor(machine: Machine) {
    this.machine = machine;
  }

  static async make(machine: Machine, view: HostView): Promise<Kit> {
    const kit = new Kit(machine);
    mkdirSync(machine.path(folder), { recursive: true });
    mkdirSync(machine.path(standIns), { recursive: true });
    await machine.script(`
      cd ${folder}
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=${view.name} \\
        -keyout ${view.name}.key -out ${view.name}.crt 2>/dev/null
      cat ${view.name}.key ${view.name}.crt >${view.name}.pem
      cp ${view.name}.crt cacert.pem`);
    kit.write('relay_clientcerts', '# a client\nAA:BB:CC client.example.com\n11:22:33 client2.example.com\n');
    kit.render(view);
    return kit;
  }

  render(view: HostView): void {
    this.write('install.sh', installScript(view));
    this.write('main.cf', fragmentOf(view));
  }

  write(name: string, text: string): void {
    writeFileSync(this.machine.path(`${folder}/${name}`), text);
  }

  /** A program that is found before Postfix's own of this name. `sh` text; "real" runs the real one. */
  standIn(name: string, text: string): void {
    const path = this.machine.path(`${standIns}/${name}`);
    writeFileSync(path, `#!/bin/sh\nreal() { /usr/sbin/${name} "$@"; }\n${text}\n`);
    chmodSync(path, 0o755);
  }

  async run(...args: readonly string[]): Promise<Ran> {
    return this.runWith(['sh'], ...args);
  }

  /** Runs install.sh with a shell of choice, on a folder that is whole. */
  async runWith(shell: readonly string[], ...args: readonly string[]): Promise<Ran> {
    seal(this.machine.path(folder));
    return this.runAsIs(shell, ...args);
  }

  async runAsIs(shell: readonly string[], ...args: readonly string[]): Promise<Ran> {
    return this.machine.run(['env', ...shell, `${folder}/install.sh`, ...args, ...standInOptions(this.machine)]);
  }

  /** Everything below /etc/postfix. */
  snapshot({ times = false } = {}): Readonly<Record<string, string>> {
    return snapshotOf(this.machine, { times });
  }
}
