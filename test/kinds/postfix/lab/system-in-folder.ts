import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { Machine, type Ran } from './machine.ts';
import { snapshotOf } from './snapshot.ts';

/** A machine whose Postfix is that of another system, which lies in a folder (debootstrap(8)) and stays as it is. */
export class SystemInFolder {
  readonly machine: Machine;
  readonly root: string;

  private constructor(machine: Machine, root: string) {
    this.machine = machine;
    this.root = root;
  }

  /** Alone at 192.0.2.1, or on a network: then `on` is its machine there, and `hosts` the text of /etc/hosts. */
  static async start(
    root: string,
    name: string,
    { on, hosts }: { readonly on?: Machine; readonly hosts?: string } = {},
  ): Promise<SystemInFolder> {
    const machine = on ?? (await Machine.start(name));
    // The address is none of the host's own networks.
    if (on === undefined) await machine.must('ip', 'address', 'add', '192.0.2.1/32', 'dev', 'lo');
    // What is written goes to memory that only this machine has.
    await machine.script(`
      mount -t tmpfs -o mode=755 system ${root}/mnt
      cd ${root}/mnt; mkdir etc spool lib log
      cp -a ${root}/etc/. etc; cp -a ${root}/var/lib/postfix/. lib; cp -a ${root}/var/spool/postfix/. spool
      mount --bind etc ${root}/etc; mount --bind lib ${root}/var/lib/postfix
      mount --bind log ${root}/var/log; mount --bind spool ${root}/var/spool/postfix
      mount -t proc proc ${root}/proc; mount --rbind /dev ${root}/dev
      cp ${process.execPath} ${root}/mnt/node
      echo nameserver 127.0.0.1 >${root}/etc/resolv.conf
      printf 'postmaster: root\\n' >${root}/etc/aliases`);
    const system = new SystemInFolder(machine, root);
    system.write('/etc/hosts', hosts ?? `127.0.0.1 localhost\n192.0.2.1 ${name}\n`);
    await system.must('postconf', '-e', `myhostname = ${name}`, 'mynetworks = 127.0.0.0/8', 'inet_interfaces = all');
    await system.must('postconf', '-e', 'maillog_file = /var/log/mail.log', 'smtputf8_enable = no');
    await system.must('newaliases');
    return system;
  }

  /** Where one of its files is found from outside. */
  path(file: string): string {
    return this.machine.path(`${this.root}${file}`);
  }

  run(...argv: readonly [string, ...string[]]): Promise<Ran> {
    return this.machine.run(['chroot', this.root, ...argv]);
  }

  must(...argv: readonly [string, ...string[]]): Promise<string> {
    return this.machine.must('chroot', this.root, ...argv);
  }

  /** Runs a script with this test's Node; the script and what it needs were copied to /mnt. */
  node(script: string, ...args: readonly string[]): Promise<Ran> {
    return this.run('/mnt/node', script, ...args);
  }

  copy(from: string, to: string): void {
    mkdirSync(this.path('/mnt'), { recursive: true });
    cpSync(from, this.path(to), { recursive: true });
  }

  write(file: string, text: string): void {
    writeFileSync(this.path(file), text);
  }

  snapshot(): Readonly<Record<string, string>> {
    return snapshotOf(this.machine, { folder: `${this.root}/etc/postfix` });
  }
}
