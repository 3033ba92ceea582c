import { expect } from 'vitest';
import { apply, standIns } from './applying.ts';
import { Certrelay, runInstall, type SetUp } from './certrelay.ts';
import { DebianPostfix } from './debian-postfix.ts';
import { Machine, type Ran } from './machine.ts';
import { snapshotOf } from './snapshot.ts';

export const [server, client] = ['server.example.com', 'client.example.com'] as const;
/** The options of `init` for a set-up with these two hosts. */
export const names = ['--server', server, '--client', client, '--os', 'debian12', '--client-os', 'debian12'];
/** What the tests with such a host need. */
export const livingHostNeeds = [
  'root',
  'netns',
  'debian-postfix',
  'postfix',
  'openssl',
  'dash',
  'busybox',
  'bash',
] as const;

type Run = (...args: readonly string[]) => Promise<Ran>;

/** A host that has a life, set back before every case; `text` (sh) says which. */
export class LivingHost {
  readonly name: string;
  readonly machine: Machine;
  readonly certrelay = new Certrelay();
  readonly #text: string;
  readonly #setUp: SetUp;

  private constructor(name: string, machine: Machine, text: string) {
    this.name = name;
    this.machine = machine;
    this.#text = text;
    this.#setUp = this.certrelay.init('out', ...names);
  }

  static async start(name: string, text: string): Promise<LivingHost> {
    const machine = await Machine.start(name);
    await DebianPostfix.install(machine, `127.0.0.1 localhost\n127.0.1.1 ${name}\n`, '127.0.0.1');
    await machine.script(`cp -a /etc/postfix /mnt/stock; mkdir ${standIns}`);
    return new LivingHost(name, machine, text);
  }

  /** The stock host, what its postmaster has done to it, and the folder of a set-up. */
  async prepare(text = this.#text): Promise<void> {
    await this.machine.script(`find /etc/postfix -mindepth 1 -delete; cp -a /mnt/stock/. /etc/postfix\n${text}`);
    await this.machine.script("find /etc/postfix -name '*.cf' -exec touch -d '1 minute ago' {} +");
    this.#setUp.carry(this.name, this.machine);
  }

  /** The folder of another set-up, or of one that is changed. */
  carry(out: string, ...options: readonly string[]): void {
    this.certrelay.init(out, ...options).carry(this.name, this.machine);
  }

  /** Has certrelay do what a refusal offers, in a set-up like the first; answers nothing, for it has to succeed. */
  carryAsOffered(said: string, option: string, out: string): void {
    const offered = new RegExp(`^ {2}certrelay init (${option} .*) --yes$`, 'm').exec(said)?.[1] ?? '';
    expect(offered).toContain(option);
    this.certrelay.init(out, ...names);
    this.carry(out, ...offered.split(' '));
  }

  /** Both ways to install, as the administrator types them. */
  ways(): readonly (readonly [string, Run, dryRun: string])[] {
    const by =
      (way: string): Run =>
      async (...args) =>
        way === 'install.sh'
          ? runInstall(this.name, this.machine, ...args)
          : apply(this.certrelay, this.machine, this.name, ...args, '--yes');
    return [
      ['install.sh', by('install.sh'), '--dry-run'],
      ['certrelay apply', by('certrelay apply'), '--check'],
    ];
  }

  /** Both ways end with 3, say the same and change nothing; answers what that is. */
  async refused(...args: readonly string[]): Promise<string> {
    const before = snapshotOf(this.machine, { times: true });
    const said: string[] = [];
    for (const [way, run, dryRun] of this.ways()) {
      const { status, stdout, stderr } = await run(...args, ...(args.includes('--yes') ? [] : [dryRun]));
      expect([way, status, stdout, stderr]).toEqual([way, 3, '', expect.stringContaining(': nothing changed: ')]);
      said.push(
        stderr
          .replace(/^(?:install\.sh|certrelay): /, '')
          .replace(/^ {2}(?:sh install\.sh|certrelay apply \S+)/gm, '  WAY'),
      );
    }
    expect(snapshotOf(this.machine, { times: true })).toEqual(before);
    expect(new Set(said).size).toBe(1);
    return said[0] ?? '';
  }

  /** Both ways take it, and a second run has nothing to do and needs no flag; then it is taken back. */
  async taken(...flags: readonly string[]): Promise<void> {
    const before = snapshotOf(this.machine);
    for (const [way, run] of this.ways()) {
      expect([way, await run(...flags)]).toEqual([way, expect.objectContaining({ status: 0, stderr: '' })]);
      for (const [, again] of this.ways()) expect((await again()).stdout).toMatch(/^nothing (?:changed|to change): /);
      expect((await run('--undo')).status).toBe(0);
      expect(snapshotOf(this.machine)).toEqual(before);
    }
  }

  async stop(): Promise<void> {
    this.certrelay.remove();
    await this.machine.stop();
  }
}
