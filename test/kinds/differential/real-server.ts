import { writeFileSync } from 'node:fs';
import type { CertificatePool } from './certificates.ts';
import { type Daemon, Listener, startDaemon, stopDaemon } from './daemon.ts';
import { ground, script } from './enclosure.ts';
import { everything, layOut } from './lay-out.ts';
import type { NameServer } from './name-server.ts';
import { namesOf } from './names.ts';
import type { Configuration, ScenarioSession, ScenarioWorld } from './scenario.ts';
import { startSharedProcesses } from './shared-processes.ts';
import { type PlayedReply, SmtpClient } from './smtp-client.ts';
import { StandIns } from './stand-ins.ts';
import type { SystemLog } from './system-log.ts';
import { type Talked, talk } from './talk.ts';

/** What a real server did in a session. */
export interface Played {
  readonly replies: readonly PlayedReply[];
  /** The server process died while starting or in the session. */
  readonly fatal: boolean;
  /** Why nothing can be compared: the server said nothing for too long, or a process that it asks is dead. */
  readonly silent: string | undefined;
  /** It let the client log in. */
  readonly authenticated: boolean;
  /** It ended the connection when the client tried to. */
  readonly cutOff: boolean;
  readonly log: readonly string[];
}

const port = 25;
const patience = 20_000;
/** Where somebody is dead whom the server asks, it waits for ever; what it says without asking comes at once. */
const littlePatience = 1500;
const helpers = /^(trivial-rewrite|proxymap)\[\d+\]: ((?:fatal|panic):.*)/;

/** The shared processes and where things are; made once for a worker. */
export class Postfix {
  readonly root: string;
  readonly version: string;
  readonly #folder: string;
  readonly #pool: CertificatePool;
  readonly #log: SystemLog;
  readonly #names: NameServer;
  readonly #standIns: StandIns;
  #smtpd: Daemon | undefined;
  #rewrite: Daemon | undefined;
  #proxymap: Daemon | undefined;
  #configuration: Configuration | undefined;
  /** Who is being talked to. */
  #client: SmtpClient | undefined;
  #fatal = false;
  /** How one of the processes that smtpd(8) asks died of this configuration. */
  #helpless: string | undefined;

  private constructor(
    root: string,
    version: string,
    folder: string,
    pool: CertificatePool,
    log: SystemLog,
    names: NameServer,
    standIns: StandIns,
  ) {
    this.root = root;
    this.version = version;
    this.#folder = folder;
    this.#pool = pool;
    this.#log = log;
    this.#names = names;
    this.#standIns = standIns;
    // A process that dies says so a second before it does.
    log.heard = (line) => {
      const child = this.#smtpd?.process;
      const [, program, last] = helpers.exec(line) ?? [];
      if (program !== undefined) {
        this.#helpless = `${program}: ${last}`;
        this.#client?.hurry(littlePatience);
      }
      if (!line.startsWith(`smtpd[${child?.pid}]: fatal:`) && !line.startsWith(`smtpd[${child?.pid}]: panic:`)) return;
      this.#fatal = true;
      child?.kill('SIGKILL');
    };
  }

  static async start(root: string, pool: CertificatePool, log: SystemLog, names: NameServer): Promise<Postfix> {
    writeFileSync(`${ground}/etc/main.cf`, '');
    writeFileSync(`${ground}/etc/master.cf`, '');
    const [version = '', folder = ''] = script('postconf -dh mail_version daemon_directory', root).trim().split('\n');
    await startSharedProcesses(root, folder, pool);
    const standIns = await StandIns.start(!/^3\.[0-5]\.|^2\./.test(version));
    log.take();
    return new Postfix(root, version, folder, pool, log, names, standIns);
  }

  /** Takes on a configuration; the next session finds a new server. */
  async configure(configuration: Configuration): Promise<void> {
    await this.stop();
    this.#helpless = undefined;
    layOut(configuration, this.root);
    this.#configuration = configuration;
    const rewrite = await Listener.local(`${ground}/spool/private/rewrite`);
    this.#rewrite = this.#daemon('trivial-rewrite', 'rewrite', 'unix', [rewrite]);
    if (everything(configuration).includes('proxy:')) {
      const proxymap = await Listener.local(`${ground}/spool/private/proxymap`);
      this.#proxymap = this.#daemon('proxymap', 'proxymap', 'unix', [proxymap]);
    }
    await this.#startSmtpd();
  }

  /** Plays one session to the configuration that was taken on. */
  async play(session: ScenarioSession, world: ScenarioWorld): Promise<Played> {
    this.#names.records = namesOf(session, world.dns);
    this.#standIns.world = world;
    const { exitCode, signalCode } = this.#smtpd?.process ?? {};
    if (exitCode !== null || signalCode !== null) await this.#startSmtpd();
    const client = await SmtpClient.connect(session.client.address, port, patience);
    this.#client = client;
    if (this.#helpless !== undefined) client?.hurry(littlePatience);
    const { replies, silent, authenticated, cutOff } =
      client === undefined ? unheard : await this.#talk(client, session);
    client?.close();
    // A server that closes without a word has said why to its log, or is dead.
    const cut = client === undefined || client.ended;
    if (cut && replies.at(-1)?.code !== 421) await this.#dead();
    const fatal = this.#fatal || this.#crashed();
    if (silent || fatal) await this.#startSmtpd();
    return {
      replies,
      fatal,
      silent: silent && !fatal ? (this.#helpless ?? `no answer in ${patience / 1000} s`) : undefined,
      authenticated,
      cutOff,
      log: this.#log.take(),
    };
  }

  async stop(): Promise<void> {
    for (const daemon of [this.#smtpd, this.#rewrite, this.#proxymap])
      if (daemon !== undefined) await stopDaemon(daemon);
    this.#smtpd = undefined;
    this.#rewrite = undefined;
    this.#proxymap = undefined;
  }

  #talk(client: SmtpClient, session: ScenarioSession): Promise<Talked> {
    const wrapper = lastValue(this.#configuration, 'smtpd_tls_wrappermode').toLowerCase() === 'yes';
    return talk(client, session, wrapper, this.#pool);
  }

  #daemon(
    program: string,
    service: string,
    type: 'inet' | 'unix',
    listeners: readonly Listener[],
    args: readonly string[] = [],
  ): Daemon {
    return startDaemon({
      root: this.root,
      folder: this.#folder,
      program,
      service,
      type,
      listeners,
      args,
      queue: '/var/spool/postfix',
    });
  }

  async #startSmtpd(): Promise<void> {
    if (this.#smtpd !== undefined) await stopDaemon(this.#smtpd);
    this.#fatal = false;
    const listeners = [await Listener.tcp('127.0.0.1', port), await Listener.tcp('::1', port)];
    const overrides = (this.#configuration?.overrides ?? []).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    this.#smtpd = this.#daemon('smtpd', 'smtp', 'inet', listeners, overrides);
  }

  /** Ended by a signal that is not ours: a crash says nothing to the log. */
  #crashed(): boolean {
    const signal = this.#smtpd?.process.signalCode ?? null;
    return signal !== null && signal !== 'SIGKILL';
  }

  /** Waits for the news of a death, for a while. */
  async #dead(): Promise<void> {
    for (let i = 0; i < 30 && !this.#fatal && !this.#crashed(); i++)
      await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const unheard: Talked = { replies: [], silent: false, authenticated: false, cutOff: false };

/** The last value that a configuration gives a parameter. */
function lastValue(configuration: Configuration | undefined, name: string): string {
  const all = [...(configuration?.parameters ?? []), ...(configuration?.overrides ?? [])];
  return all.findLast(([each]) => each === name)?.[1] ?? '';
}
