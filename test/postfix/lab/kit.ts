import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostView } from '../../../src/render/view.ts';
import { installScript } from '../../install/sample.ts';
import type { Machine, Ran } from './machine.ts';

/** Where a host's folder lies on its machine, and where programs lie that stand in for Postfix's own. */
const folder = '/mnt/kit';
const standIns = '/mnt/stand-ins';

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

  /** Runs install.sh with a shell of choice. */
  async runWith(shell: readonly string[], ...args: readonly string[]): Promise<Ran> {
    return this.machine.run(['env', `PATH=${standIns}:/usr/bin:/bin`, ...shell, `${folder}/install.sh`, ...args]);
  }

  /** Every file below /etc/postfix with mode, owner, content and, where asked, time of change: to see that nothing changed. */
  snapshot({ times = false } = {}): Readonly<Record<string, string>> {
    const root = this.machine.path('/etc/postfix');
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
}

/** Enough to see a difference, and short in the message of a test that fails. */
function digest(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16);
}
