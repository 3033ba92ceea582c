import { join } from 'node:path';
import { expect } from 'vitest';
import { apply, standIns } from './applying.ts';
import { Certrelay, type SetUp } from './certrelay.ts';
import { DebianPostfix } from './debian-postfix.ts';
import { Machine, type Ran } from './machine.ts';
import { snapshotOf } from './snapshot.ts';

const name = 'server.example.com';

/** One host with Debian's Postfix and the folders of a set-up, set back before every case. */
export class AppliedHost {
  readonly machine: Machine;
  readonly postfix: DebianPostfix;
  readonly certrelay: Certrelay;
  /** server.example.com, client.example.com and both.example.com, whose folders lie in /mnt. */
  readonly setUp: SetUp;

  private constructor(machine: Machine, postfix: DebianPostfix, certrelay: Certrelay, setUp: SetUp) {
    this.machine = machine;
    this.postfix = postfix;
    this.certrelay = certrelay;
    this.setUp = setUp;
  }

  static async start(): Promise<AppliedHost> {
    const machine = await Machine.start(name);
    const hosts = `127.0.0.1 localhost\n127.0.1.1 ${name}\n`;
    const postfix = await DebianPostfix.install(machine, hosts, '127.0.0.1');
    const certrelay = new Certrelay();
    const names = ['--server', name, 'both.example.com', '--client', 'client.example.com', 'both.example.com'];
    const setUp = certrelay.init('out', ...names, '--os', 'debian12', '--client-os', 'debian12');
    for (const host of [name, 'client.example.com', 'both.example.com']) setUp.carry(host, machine);
    await machine.script(`
      mkdir ${standIns}; mkdir /mnt/stock-folders; cp -a /mnt/*.example.com /mnt/stock-folders; cp -a /etc/postfix /mnt/stock`);
    return new AppliedHost(machine, postfix, certrelay, setUp);
  }

  /** The stock host and folders again, then what a postmaster has done to them (sh). */
  async prepare(text: string): Promise<void> {
    await this.machine.script(`
      if postfix status 2>/dev/null; then postfix stop 2>/dev/null; fi
      rm -rf /mnt/*.example.com ${standIns}; cp -a /mnt/stock-folders/. /mnt; mkdir ${standIns}
      find /etc/postfix -mindepth 1 -delete; cp -a /mnt/stock/. /etc/postfix`);
    await this.machine.script(text);
    // As if somebody had done it a minute ago; see DebianPostfix.settle.
    await this.machine.script("find /etc/postfix* -name '*.cf' -type f -exec touch -d '1 minute ago' {} +");
  }

  /** The program of the command line. */
  get cli(): string {
    return join(this.certrelay.folder, 'package', 'dist', 'cli.js');
  }

  /** `certrelay apply` on this host's folder. */
  run(...args: readonly string[]): Promise<Ran> {
    return apply(this.certrelay, this.machine, name, ...args);
  }

  /** On another folder, or none. */
  runOn(...args: readonly string[]): Promise<Ran> {
    return apply(this.certrelay, this.machine, ...args);
  }

  /** After `prepare`, it must end with `status`, say nothing of success, and change nothing; answers what it says. */
  async refused(status: number, prepare: string, ...args: readonly string[]): Promise<string> {
    await this.prepare(prepare);
    const before = this.snapshot();
    const ran = await this.run('--yes', ...args);
    expect(ran).toMatchObject({ status, stdout: '' });
    expect(this.snapshot()).toEqual(before);
    return ran.stderr;
  }

  snapshot(): Readonly<Record<string, string>> {
    return snapshotOf(this.machine, { times: true });
  }

  /** The value of a parameter in a directory's main.cf. */
  async value(parameter: string, config = '/etc/postfix'): Promise<string> {
    return (await this.machine.must('postconf', '-c', config, '-h', parameter)).trim();
  }

  /** A program (sh) that is found before Postfix's own of this name; "real" runs the real one. */
  standIn(program: string, text: string): string {
    const path = `${standIns}/${program}`;
    return `printf '%s\\n' '#!/bin/sh' 'real() { /usr/sbin/${program} "$@"; }' '${text.replaceAll("'", "'\\''")}' >${path}; chmod +x ${path}\n`;
  }

  async stop(): Promise<void> {
    this.certrelay.remove();
    await this.machine.stop();
  }
}
