import { expect } from 'vitest';
import type { HostView } from '../../../../src/provision/render/view.ts';
import { DebianPostfix } from '../../../kinds/postfix/lab/debian-postfix.ts';
import { Kit } from '../../../kinds/postfix/lab/kit.ts';
import { Machine, type Ran } from '../../../kinds/postfix/lab/machine.ts';

const hosts = '127.0.0.1 localhost\n127.0.1.1 server.example.com\n';

/** One host with Debian's Postfix and a folder to install, set back before every case. */
export class OneHost {
  readonly machine: Machine;
  readonly postfix: DebianPostfix;
  readonly kit: Kit;

  private constructor(machine: Machine, postfix: DebianPostfix, kit: Kit) {
    this.machine = machine;
    this.postfix = postfix;
    this.kit = kit;
  }

  static async start(view: HostView): Promise<OneHost> {
    const machine = await Machine.start(view.name);
    const postfix = await DebianPostfix.install(machine, hosts, '127.0.0.1');
    const kit = await Kit.make(machine, view);
    await machine.must('cp', '-a', '/etc/postfix', '/mnt/stock');
    await machine.must('cp', '-a', '/mnt/kit', '/mnt/stock-kit');
    return new OneHost(machine, postfix, kit);
  }

  /** The stock host and folder again, then what a postmaster has done to them (sh). */
  async prepare(text: string): Promise<void> {
    await this.machine.script(`
      rm -rf /mnt/kit /mnt/stand-ins; cp -a /mnt/stock-kit /mnt/kit; mkdir /mnt/stand-ins
      find /etc/postfix -mindepth 1 -delete; cp -a /mnt/stock/. /etc/postfix`);
    await this.machine.script(text);
  }

  /** As `refusedNow`, after `prepare`. */
  async refused(status: number, prepare: string, ...args: readonly string[]): Promise<Ran> {
    await this.prepare(prepare);
    return this.refusedNow(status, ...args);
  }

  /** Runs install.sh; it must end with `status`, say nothing of success, and change nothing. */
  async refusedNow(status: number, ...args: readonly string[]): Promise<Ran> {
    const before = this.kit.snapshot({ times: true });
    const ran = await this.kit.run(...args);
    expect(ran).toMatchObject({ status, stdout: '' });
    expect(this.kit.snapshot({ times: true })).toEqual(before);
    return ran;
  }

  /** The value of a parameter in main.cf. */
  async value(name: string): Promise<string> {
    return (await this.machine.must('postconf', '-h', name)).trim();
  }

  async stop(): Promise<void> {
    await this.machine.stop();
  }
}
