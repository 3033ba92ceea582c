import { Machine } from './machine.ts';

/** One wire (a bridge in a namespace of its own) and the machines on it, found by names in each one's /etc/hosts. */
export class Network {
  readonly #wire: Machine;
  readonly #machines: { readonly machine: Machine; readonly address: string; readonly names: readonly string[] }[] = [];

  private constructor(wire: Machine) {
    this.#wire = wire;
  }

  static async start(): Promise<Network> {
    const wire = await Machine.start('wire');
    await wire.wire('ip link add bridge0 type bridge\nip link set bridge0 up');
    return new Network(wire);
  }

  /** A new machine; its first name is its host name. Addresses are of 192.0.2.0/24, which is for examples (RFC 5737). */
  async join(...names: readonly [string, ...string[]]): Promise<Machine> {
    const machine = await Machine.start(names[0]);
    const number = this.#machines.length + 1;
    const address = `192.0.2.${number}`;
    this.#machines.push({ machine, address, names });
    await this.#wire.wire(`
      ip link add port${number} type veth peer name eth0 netns ${machine.pid}
      ip link set port${number} master bridge0 up`);
    await machine.script(`ip address add ${address}/24 dev eth0\nip link set eth0 up`);
    return machine;
  }

  /** The text of /etc/hosts for every machine. */
  hosts(): string {
    const lines = this.#machines.map(({ address, names }) => `${address} ${names.join(' ')}`);
    return ['127.0.0.1 localhost', '::1 localhost', ...lines, ''].join('\n');
  }

  /** Every name's address, for the name server. */
  zone(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#machines.flatMap(({ address, names }) => names.map((name) => [name, address])));
  }

  async stop(): Promise<void> {
    await Promise.all([this.#wire, ...this.#machines.map(({ machine }) => machine)].map((machine) => machine.stop()));
  }
}
