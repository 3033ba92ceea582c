import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, openSync, renameSync } from 'node:fs';
import { createServer, type ListenOptions, type Server } from 'node:net';

/** Where a process may take tokens for new mail: as many as it likes. */
const flow = openSync('/dev/zero', 'r');

/** One of Postfix's server processes. */
export interface Daemon {
  readonly process: ChildProcess;
  /** Settles when it has ended. */
  readonly ended: Promise<number | null>;
}

/** A listening socket that a daemon is born with. */
export class Listener {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async tcp(address: string, port: number): Promise<Listener> {
    return new Listener(
      await listening({ host: address, port, backlog: 64, ...(address.includes(':') ? { ipv6Only: true } : {}) }),
    );
  }

  /** `path` exists only when it is listened at; a socket that was there before is replaced. */
  static async local(path: string): Promise<Listener> {
    const early = `${path}.new`;
    const server = await listening({ path: early });
    chmodSync(early, 0o666);
    // Closing our end removes the file by the name it was made with, and the daemon's has to stay.
    renameSync(early, path);
    return new Listener(server);
  }

  get descriptor(): number {
    // Node hands sockets over to Node programs only; any other child needs the bare descriptor.
    const { _handle } = this.#server as unknown as { readonly _handle: { readonly fd: number } };
    return _handle.fd;
  }

  close(): void {
    this.#server.close();
  }
}

async function listening(options: ListenOptions): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, resolve);
  });
  return server;
}

export interface DaemonOptions {
  /** The system it lives in; empty for this machine. */
  readonly root: string;
  readonly folder: string;
  readonly program: string;
  /** Its name in master.cf. */
  readonly service: string;
  readonly listeners: readonly Listener[];
  readonly type: 'inet' | 'unix';
  /** As master(8) passes those of master.cf. */
  readonly args?: readonly string[];
  readonly configuration?: string;
  /** queue_directory. */
  readonly queue: string;
}

/**
 * Starts a process as master(8) would, with the listening sockets from descriptor 6 on: a new configuration costs one
 * process and no restart. Descriptors 3 and 4 are the flow control, 5 tells whether the process is busy.
 */
export function startDaemon({
  root,
  folder,
  program,
  service,
  listeners,
  type,
  args = [],
  configuration,
  queue,
}: DaemonOptions): Daemon {
  const many = listeners.length > 1 ? ['-s', String(listeners.length)] : [];
  const argv = [`${folder}/${program}`, '-n', service, '-t', type, '-u', ...many, ...args];
  // master(8) stands in the queue folder, and its children are born there.
  const [file = '', ...rest] = root === '' ? argv : ['chroot', root, 'env', '-C', queue, ...argv];
  const process_ = spawn(file, rest, {
    ...(root === '' ? { cwd: queue } : {}),
    stdio: ['ignore', 'ignore', 'ignore', flow, 'ignore', 'pipe', ...listeners.map(({ descriptor }) => descriptor)],
    env: { PATH: process.env.PATH, LANG: 'C', ...(configuration === undefined ? {} : { MAIL_CONFIG: configuration }) },
  });
  for (const stream of process_.stdio) {
    stream?.on('error', () => {}); // the process may end while it has things to say
    if (stream !== null && stream !== undefined && 'resume' in stream) stream.resume();
  }
  const ended = new Promise<number | null>((resolve, reject) => {
    process_.once('error', reject);
    process_.once('exit', (code) => resolve(code));
  });
  for (const listener of listeners) listener.close();
  return { process: process_, ended };
}

export async function stopDaemon({ process: child, ended }: Daemon): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await ended;
  for (const stream of child.stdio) stream?.destroy();
}
