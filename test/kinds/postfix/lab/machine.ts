import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { until } from './until.ts';

/** What a command in a machine printed, and how it ended. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const kinds = ['mnt', 'net', 'uts', 'ipc', 'pid'] as const;

/**
 * A host made of namespaces: its own network, file systems, host name and processes, on the kernel and the
 * programs of this machine. Its first process reads a pipe of ours, so that however a test run ends, the
 * pipe closes, that process ends, and the kernel ends everything in the machine with it.
 */
export class Machine {
  readonly name: string;
  readonly #holder: ChildProcess;
  readonly #pid: number;

  private constructor(name: string, holder: ChildProcess, pid: number) {
    this.name = name;
    this.#holder = holder;
    this.#pid = pid;
  }

  static async start(name: string): Promise<Machine> {
    const flags = ['--mount', '--net', '--uts', '--ipc', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const holder = spawn('unshare', [...flags, 'cat'], { stdio: ['pipe', 'ignore', 'inherit'] });
    const pid = await until("a machine's first process", () => firstProcess(holder.pid));
    const machine = new Machine(name, holder, pid);
    await machine.must('ip', 'link', 'set', 'lo', 'up');
    await machine.must('hostname', name);
    return machine;
  }

  /** Its first process, as this machine numbers it. */
  get pid(): number {
    return this.#pid;
  }

  /** Where one of its files is found from outside. */
  path(file: string): string {
    return `/proc/${this.#pid}/root${file}`;
  }

  /** A process in the machine, for those that go on. */
  spawn(program: string, ...args: readonly string[]): ChildProcess {
    return this.#enter(['--mount', '--net', '--uts', '--ipc', '--pid', '--wd=/'], [program, ...args]);
  }

  /** A shell script in its network only, where process ids are those of out here: for wiring machines together. */
  async wire(text: string): Promise<void> {
    const { status, stderr } = await finished(this.#enter(['--net'], ['sh', '-eu']), text);
    if (status !== 0) throw new Error(`${this.name}: wiring ended with ${status}\n${text}\n${stderr}`);
  }

  #enter(namespaces: readonly string[], argv: readonly string[]): ChildProcess {
    return spawn('nsenter', ['--target', String(this.#pid), ...namespaces, '--', ...argv], { stdio: 'pipe' });
  }

  /** Runs a program to its end, with `input` on its standard input. */
  async run(argv: readonly [string, ...string[]], input = ''): Promise<Ran> {
    return finished(this.spawn(...argv), input);
  }

  /** The same for what cannot fail: the output, or an error that shows everything. */
  async must(...argv: readonly [string, ...string[]]): Promise<string> {
    const { status, stdout, stderr } = await this.run(argv);
    if (status !== 0) throw new Error(`${this.name}: "${argv.join(' ')}" ended with ${status}\n${stdout}${stderr}`);
    return stdout;
  }

  /** A short shell script, stopped at its first failure. */
  async script(text: string): Promise<string> {
    const { status, stdout, stderr } = await this.run(['sh', '-eu'], text);
    if (status !== 0) throw new Error(`${this.name}: a script ended with ${status}\n${text}\n${stdout}${stderr}`);
    return stdout;
  }

  async stop(): Promise<void> {
    if (this.#holder.exitCode !== null || this.#holder.signalCode !== null) return;
    const gone = once(this.#holder, 'exit');
    this.#holder.stdin?.end();
    await gone;
  }
}

async function finished(child: ChildProcess, input: string): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin?.on('error', () => {}); // a program need not read what it is given
  child.stdin?.end(input);
  const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  // As a shell counts it.
  return { status: status ?? (signal === null ? -1 : 128 + constants.signals[signal]), stdout, stderr };
}

/** The child of `unshare`, once it is inside all its namespaces: to enter any other process would be to enter our own. */
function firstProcess(unshare: number | undefined): number | undefined {
  if (unshare === undefined) throw new Error('"unshare" could not be started');
  try {
    const pid = Number(readFileSync(`/proc/${unshare}/task/${unshare}/children`, 'utf8').trim());
    const ready = pid > 0 && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'cat';
    const apart = ready && kinds.every((kind) => namespace(pid, kind) !== namespace('self', kind));
    return apart ? pid : undefined;
  } catch {
    return undefined; // between fork and exec
  }
}

function namespace(pid: number | 'self', kind: string): string {
  return readlinkSync(`/proc/${pid}/ns/${kind}`);
}
