import { X509Certificate } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Certrelay, SetUp } from './certrelay.ts';
import type { Lab } from './lab.ts';
import type { Ran } from './machine.ts';

/** The parts of `certrelay rotate --json` that an operator acts on. */
export interface RotationSaid {
  readonly performed: readonly { readonly kind: string; readonly role: string; readonly holder: string }[];
  readonly pending: readonly {
    readonly kind: string;
    readonly role: string;
    readonly holder: string;
    readonly waitingFor: readonly Waits[];
  }[];
  readonly behind: readonly string[];
}

type Waits =
  | { readonly kind: 'hosts'; readonly hosts: readonly string[] }
  | { readonly kind: 'use'; readonly host: string }
  | { readonly kind: 'time'; readonly why: string; readonly until: string }
  | { readonly kind: 'leaves' | 'authority' | 'step' };

/** An administrator who rotates a set-up of the lab, and does on the hosts what certrelay says, and nothing else. */
export class Rollout {
  readonly #lab: Lab;
  readonly #certrelay: Certrelay;
  readonly setUp: SetUp;

  constructor(lab: Lab, setUp: SetUp) {
    this.#lab = lab;
    this.#certrelay = lab.certrelay;
    this.setUp = setUp;
  }

  /** Any command on this set-up. */
  run(command: string, ...args: readonly string[]): Ran {
    return this.#certrelay.run(command, ...args, '--out', this.setUp.out);
  }

  /** `certrelay rotate`, which has to succeed. */
  rotate(...args: readonly string[]): RotationSaid {
    const { status, stdout, stderr } = this.run('rotate', ...args, '--json', '--yes');
    if (status !== 0) throw new Error(`certrelay rotate ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
    return JSON.parse(stdout) as RotationSaid;
  }

  /** Serial number of the certificate that a host has installed, as certrelay writes them. */
  serialAtWork(host: string): string {
    const certificate = new X509Certificate(this.installed(host, `${host}.pem`));
    return certificate.serialNumber.toLowerCase();
  }

  /** The sha1 fingerprint of the certificate in a host's folder, as Postfix writes it. */
  fingerprintOf(host: string): string {
    return new X509Certificate(readFileSync(this.setUp.path(host, `${host}.crt`))).fingerprint;
  }

  /** A file that install.sh put in its place on a host. */
  installed(host: string, file: string): string {
    return readFileSync(this.#lab.host(host).machine.path(`/etc/postfix/certrelay/${file}`), 'utf8');
  }

  /** The fingerprints in the map that a server has installed. */
  fingerprints(server: string): readonly string[] {
    return this.installed(server, 'relay_clientcerts').match(/^[0-9A-F:]{47,}/gm) ?? [];
  }

  /** Hosts that certrelay waits for, for what is under way, or that lack files they should have. */
  static awaited({ pending, behind }: RotationSaid): readonly string[] {
    const hosts = pending.flatMap(({ waitingFor }) =>
      waitingFor.flatMap((one) => (one.kind === 'hosts' ? one.hosts : one.kind === 'use' ? [one.host] : [])),
    );
    return [...new Set([...hosts, ...behind])];
  }

  /** A deploy hook that brings a folder to its host in the lab and runs install.sh; hosts in `unreachable` it does not reach. */
  hook({ unreachable = [] }: { readonly unreachable?: readonly string[] } = {}): string {
    const path = join(this.#certrelay.folder, unreachable.length === 0 ? 'bring-to' : 'bring-to-some');
    const hosts = this.#lab.hosts.filter((host) => !unreachable.includes(host));
    const pids = hosts.map((host) => `${host}) pid=${this.#lab.host(host).machine.pid} ;;`).join('\n');
    writeFileSync(
      path,
      `#!/bin/sh\nset -eu\ncase $1 in\n${pids}\n*) echo "no way to $1" >&2; exit 1 ;;\nesac\n${bring}`,
    );
    chmodSync(path, 0o755);
    return path;
  }

  /** Brings hosts their folders, runs install.sh on each, and tells certrelay. */
  async deploy(...hosts: readonly string[]): Promise<RotationSaid> {
    await this.#lab.install(this.setUp, ...hosts);
    return this.rotate('--deployed', ...hosts);
  }

  /**
   * Goes on from what a run said until nothing is left: files to the hosts that are waited for, then the word that they
   * have them; when only the clock is waited for, the next run when the overlap is over. Hosts in `without`
   * never get anything. Answers what the last run said.
   */
  async follow(begun: RotationSaid, { without = [] }: { without?: readonly string[] } = {}): Promise<RotationSaid> {
    let said = begun;
    for (let turn = 0; turn < 30; turn++) {
      const hosts = Rollout.awaited(said).filter((host) => !without.includes(host));
      if (hosts.length > 0) {
        said = await this.deploy(...hosts);
        continue;
      }
      const overlaps = said.pending
        .filter(({ waitingFor }) => waitingFor.every(({ kind }) => kind === 'time'))
        .flatMap(({ waitingFor }) => waitingFor)
        .flatMap((one) => (one.kind === 'time' && one.why === 'overlap' ? [Date.parse(one.until)] : []));
      if (overlaps.length === 0) return said;
      await sleep(Math.max(0, Math.min(...overlaps) - Date.now()) + 10);
      said = this.rotate('--due');
    }
    throw new Error(`a rotation does not come to an end\n${JSON.stringify(said, undefined, 2)}`);
  }
}

/** Two programs for a machine of the lab where elsewhere there are scp(1) and ssh(1). */
const bring = `
rm -rf "/proc/$pid/root/mnt/$1"
cp -r "$2" "/proc/$pid/root/mnt/$1"
nsenter --target "$pid" --mount --net --uts --ipc --pid --wd=/ -- sh "/mnt/$1/install.sh"
`;
