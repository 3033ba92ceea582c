import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DebianPostfix } from './debian-postfix.ts';
import { type Lab, recipient } from './lab.ts';
import { until } from './until.ts';

/** Seconds between two looks at the queue, for every host of a lab with a stream: what one queue run is. */
export const queueRun = 5;

/** Settings with which a deferred message is tried again at the next queue run. */
export const quickRetry: Readonly<Record<string, string>> = {
  queue_run_delay: `${queueRun}s`,
  minimal_backoff_time: `${queueRun}s`,
  maximal_backoff_time: `${queueRun}s`,
};

/** What became of the messages of a stream. */
export interface Outcome {
  readonly sent: number;
  /** Ids that did not arrive. */
  readonly lost: readonly string[];
  /** Ids that arrived more than once. */
  readonly repeated: readonly string[];
  /** Log lines, of any host, about messages that were given back to their sender. */
  readonly bounced: readonly string[];
  /** Log lines about a server that would not relay. */
  readonly refused: readonly string[];
  /** Deferred more than once, or for longer than until the next queue run: queue id and log lines. */
  readonly late: readonly string[];
}

/** What a stream comes to when nothing went wrong; how many were sent is not said. */
export const flawless: Omit<Outcome, 'sent'> = { lost: [], repeated: [], bounced: [], refused: [], late: [] };

/** Streams of this process, so that no two use the same ids. */
let streams = 0;

/** A steady stream of messages from several hosts to a place behind the servers, each with an id of its own. */
export class Stream {
  readonly #lab: Lab;
  readonly #senders: readonly Sender[];

  /** How long each host's log was when the stream began. */
  readonly #before: ReadonlyMap<string, number>;

  private constructor(lab: Lab, senders: readonly Sender[], without: readonly string[]) {
    this.#lab = lab;
    this.#senders = senders;
    this.#before = new Map(
      lab.hosts.filter((host) => !without.includes(host)).map((host) => [host, lab.host(host).log().length]),
    );
  }

  /** Every host sends, waits for so many seconds, and sends again. Logs of hosts in `without` are not judged: what they do is their own. */
  static async start(
    lab: Lab,
    hosts: readonly string[],
    interval: number,
    { without = [] }: { readonly without?: readonly string[] } = {},
  ): Promise<Stream> {
    const number = ++streams;
    const senders = hosts.map((host) => new Sender(lab.host(host), number));
    for (const [index, sender] of senders.entries()) sender.start(interval, (index * interval) / hosts.length);
    // What is measured begins when it flows.
    for (const sender of senders) {
      await until(`message of ${sender.name}`, () => arrived(lab).get(sender.ids[0] ?? ''), { describe: lab.logs });
    }
    return new Stream(lab, senders, without);
  }

  /** Waits until a message that a host sends from now on has arrived. */
  async flows(host: string): Promise<void> {
    const sender = this.#senders.find(({ name }) => name === host);
    if (sender === undefined) throw new Error(`"${host}" sends nothing`);
    const next = sender.ids.length;
    const find = () => sender.ids.slice(next).find((id) => arrived(this.#lab).has(id));
    await until(`message that ${host} sends now`, find, { describe: this.#lab.logs });
  }

  /** Stops sending, waits until everything has arrived (for as long as retries may take), and judges. */
  async stop(): Promise<Outcome> {
    await Promise.all(this.#senders.map((sender) => sender.stop()));
    const ids = this.#senders.flatMap((sender) => sender.ids);
    const missing = () => ids.filter((id) => !arrived(this.#lab).has(id));
    const patience = Date.now() + 4 * queueRun * 1000;
    while (missing().length > 0 && Date.now() < patience) await sleep(100);
    const counts = arrived(this.#lab);
    return {
      sent: ids.length,
      lost: missing(),
      repeated: ids.filter((id) => (counts.get(id) ?? 0) > 1),
      ...judged(this.#lines()),
    };
  }

  #lines(): readonly string[] {
    return [...this.#before].flatMap(([host, length]) => {
      const log = this.#lab.host(host).log().slice(length);
      return log.split('\n').map((line) => `${host}: ${line}`);
    });
  }
}

/** How often each message of a stream arrived, by id. */
function arrived(lab: Lab): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { text } of lab.outside.arrived) {
    const id = /^Subject: stream (\S+)$/m.exec(text)?.[1];
    if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** What the logs of all hosts say of deliveries that did not succeed at once. */
function judged(lines: readonly string[]): Pick<Outcome, 'bounced' | 'refused' | 'late'> {
  const bounced = lines.filter((line) => /status=(bounced|expired)/.test(line));
  const refused = lines.filter((line) => /status=.*Relay access denied/.test(line));
  const deferred = new Map<string, string[]>();
  for (const line of lines.filter((one) => one.includes('status=deferred'))) {
    const id = /^(\S+): .*\]: ([0-9A-F]+): to=/.exec(line)?.slice(1).join(' ') ?? line;
    deferred.set(id, [...(deferred.get(id) ?? []), line]);
  }
  const late = [...deferred].flatMap(([id, attempts]) =>
    attempts.length > 1 ? [`${id}: ${attempts.length} times`, ...attempts] : [],
  );
  // The run after the one that comes too soon for a message that was just deferred, and what a busy machine adds.
  const slow = lines.filter((line) => Number(/ delay=([0-9.]+),.* status=sent/.exec(line)?.[1] ?? 0) > 3 * queueRun);
  return { bounced, refused, late: [...late, ...slow] };
}

/** One shell on a host that sends by itself, whatever this process is busy with. */
class Sender {
  readonly name: string;
  readonly ids: string[] = [];
  readonly #host: DebianPostfix;
  readonly #flag: string;
  #shell: ChildProcess | undefined;
  #complaints = '';

  constructor(host: DebianPostfix, stream: number) {
    this.#host = host;
    this.name = host.machine.name;
    this.#flag = `/mnt/stream-${stream}`;
  }

  /** A message each so many seconds, after a delay. */
  start(interval: number, delay: number): void {
    const { machine } = this.#host;
    writeFileSync(machine.path(this.#flag), '');
    const prefix = `${this.#flag.replace('/mnt/stream-', '')}/${this.name}/`;
    const words = [`root@${this.name}`, recipient, prefix, String(interval), String(delay), this.#flag];
    const shell = machine.spawn('sh', '-c', loop, 'stream', ...words);
    let pending = '';
    shell.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (pending + text).split('\n');
      pending = lines.pop() ?? '';
      this.ids.push(...lines);
    });
    shell.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints += text;
    });
    this.#shell = shell;
  }

  /** Ends with the message that is being sent; every id is known then. */
  async stop(): Promise<void> {
    const shell = this.#shell;
    if (shell === undefined) return;
    this.#shell = undefined;
    const ended = once(shell, 'close');
    rmSync(this.#host.machine.path(this.#flag));
    await ended;
    if (this.#complaints !== '') throw new Error(`sendmail on ${this.name} complained\n${this.#complaints}`);
  }
}

const loop = `
sleep "$5"
n=0
while [ -e "$6" ]; do
  n=$((n + 1))
  echo "$3$n"
  printf 'From: %s\\nTo: %s\\nSubject: stream %s\\n\\nOne of many.\\n' "$1" "$2" "$3$n" |
    sendmail -i -f "$1" "$2" || echo "$3$n was not taken" >&2
  sleep "$4"
done
`;
