import { Certrelay, type SetUp } from './certrelay.ts';
import { DebianPostfix, type StockOptions } from './debian-postfix.ts';
import { Network } from './network.ts';
import { type Arrived, Outside } from './outside.ts';

export const server = 'server.example.com';
export const client = 'client.example.com';
export const recipient = 'myemail@outside.org';
/** What every lab needs, for needs(). */
export const labNeeds = [
  ...['root', 'netns', 'debian-postfix', 'postfix', 'openssl', 'ip', 'unshare', 'nsenter', 'hostname', 'cpio', 'cmp'],
] as const;

/** Hosts with a stock Postfix each, the world outside, and certrelay on the administrator's desk. */
export interface Lab {
  readonly certrelay: Certrelay;
  readonly outside: Outside;
  /** Names, without the world outside. */
  readonly hosts: readonly string[];
  /** By name; an error for a host that is not there. */
  host(name: string): DebianPostfix;
  /** Has install.sh set up these hosts, all by default; those that do not run are started. */
  install(setUp: SetUp, ...names: readonly string[]): Promise<void>;
  /** Sends a message from a host, and waits until it has arrived outside. */
  relays(from: string, subject: string): Promise<Arrived>;
  /** The logs of all hosts, for the message of a test that fails. */
  logs(): string;
  close(): Promise<void>;
}

/** Builds a lab; when that fails halfway, nothing stays behind. */
export async function openLab(hosts: Readonly<Record<string, StockOptions>>): Promise<Lab> {
  const network = await Network.start();
  const certrelay = new Certrelay();
  const close = async () => {
    certrelay.remove();
    await network.stop();
  };
  try {
    const machines = [];
    for (const name of Object.keys(hosts)) machines.push(await network.join(name));
    const beyond = await network.join('outside.org');
    const outside = await Outside.open(beyond, network.zone());
    const nameServer = network.zone()[beyond.name] ?? '';
    const postfixes = new Map<string, DebianPostfix>();
    const installed = machines.map(async (machine) => {
      const options = hosts[machine.name] ?? {};
      postfixes.set(machine.name, await DebianPostfix.install(machine, network.hosts(), nameServer, options));
    });
    await Promise.all(installed);
    const host = (name: string) => {
      const postfix = postfixes.get(name);
      if (postfix === undefined) throw new Error(`the lab has no host "${name}"`);
      return postfix;
    };
    const logs = () => [...postfixes].map(([name, postfix]) => `--- ${name}\n${postfix.log()}`).join('\n');
    return {
      certrelay,
      outside,
      hosts: [...postfixes.keys()],
      host,
      close,
      logs,
      async install(setUp, ...names) {
        const installed = (names.length === 0 ? [...postfixes.keys()] : names).map(async (name) => {
          const { status, stdout, stderr } = await setUp.install(name, host(name).machine);
          if (status !== 0) throw new Error(`install.sh on ${name} ended with ${status}\n${stdout}${stderr}`);
          await host(name).settle();
          if (!(await host(name).runs())) await host(name).start();
        });
        await Promise.all(installed);
      },
      async relays(from, subject) {
        await host(from).send(`root@${from}`, recipient, subject);
        const message = await outside.message(subject, logs);
        await host(from).queueEmpty();
        return message;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
