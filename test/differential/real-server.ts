import { copyFileSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AuthServer } from './auth-server.ts';
import type { CertificatePool } from './certificates.ts';
import { type Daemon, Listener, startDaemon, stopDaemon } from './daemon.ts';
import { ground, neutral, script } from './enclosure.ts';
import type { NameServer } from './name-server.ts';
import { type Configuration, mainCfText, type ScenarioSession, type ScenarioWorld } from './scenario.ts';
import { type PlayedReply, SilentServer, SmtpClient } from './smtp-client.ts';
import type { SystemLog } from './system-log.ts';
import { worldOf } from './world.ts';

/** What a real server did in a session. */
export interface Played {
  readonly replies: readonly PlayedReply[];
  /** The server process died while starting or in the session. */
  readonly fatal: boolean;
  /** It said nothing for too long; nothing can be compared. */
  readonly silent: boolean;
  /** It let the client log in. */
  readonly authenticated: boolean;
  readonly log: readonly string[];
}

const port = 25;
const patience = 20_000;
const tableTypes = /\b(hash|btree|lmdb|cdb|dbm|sdbm):(\/[^\s,{}]+)/g;

/** The shared processes and where things are; made once for a worker. */
export class Postfix {
  readonly root: string;
  readonly version: string;
  readonly #folder: string;
  readonly #pool: CertificatePool;
  readonly #log: SystemLog;
  readonly #names: NameServer;
  #smtpd: Daemon | undefined;
  #rewrite: Daemon | undefined;
  #proxymap: Daemon | undefined;
  #configuration: Configuration | undefined;
  #fatal = false;
  /** One of the processes that smtpd(8) asks does not live with this configuration. */
  #helpless = false;
  #authenticated = false;

  private constructor(
    root: string,
    version: string,
    folder: string,
    pool: CertificatePool,
    log: SystemLog,
    names: NameServer,
  ) {
    this.root = root;
    this.version = version;
    this.#folder = folder;
    this.#pool = pool;
    this.#log = log;
    this.#names = names;
    // A process that dies says so a second before it does.
    log.heard = (line) => {
      const child = this.#smtpd?.process;
      // Without its helpers the server waits for them for ever.
      if (/^(trivial-rewrite|proxymap)\[\d+\]: (fatal|panic):/.test(line)) {
        this.#helpless = true;
        // It may be about to die of the same.
        setTimeout(() => child?.kill('SIGKILL'), 300);
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
    writeFileSync(`${neutral}/etc/main.cf`, neutralMainCf);
    writeFileSync(`${neutral}/etc/master.cf`, '');
    // Some insist on the process limit that master.cf has for them: -l is one, -z is none.
    for (const [program, name, args] of [
      ['trivial-rewrite', 'private/rewrite', []],
      ['tlsmgr', 'private/tlsmgr', ['-l']],
      ['cleanup', 'public/cleanup', ['-z']],
    ] as const) {
      const listener = await Listener.local(`${neutral}/spool/${name}`);
      const service = name.slice(name.indexOf('/') + 1);
      startDaemon({
        root,
        folder,
        program,
        service,
        listeners: [listener],
        type: 'unix',
        args,
        configuration: `${neutral}/etc`,
        queue: `${neutral}/spool`,
      });
    }
    await AuthServer.start(`${ground}/spool/private/lab-auth`);
    for (const [name, text] of [
      ['ca.pem', pool.authorityPem],
      ['server.pem', pool.serverPem],
      ['server.key', pool.serverKeyPem],
    ] as const)
      writeFileSync(`${ground}/${name}`, text, { mode: 0o600 });
    log.take();
    return new Postfix(root, version, folder, pool, log, names);
  }

  /** Takes on a configuration; the next session finds a new server. */
  async configure(configuration: Configuration): Promise<void> {
    await this.#stop();
    this.#helpless = false;
    const folder = `${ground}/etc`;
    for (const name of ['lab', 'main.cf', 'master.cf']) rmSync(`${folder}/${name}`, { recursive: true, force: true });
    mkdirSync(`${folder}/lab`);
    for (const name of ['ca.pem', 'server.pem', 'server.key'])
      copyFileSync(`${ground}/${name}`, `${folder}/lab/${name}`);
    const text = mainCfText(configuration);
    writeOld(`${folder}/main.cf`, text);
    writeOld(`${folder}/master.cf`, '');
    for (const [path, content] of Object.entries(configuration.tables)) {
      const here = path.replace('/etc/postfix', folder);
      mkdirSync(dirname(here), { recursive: true });
      writeOld(here, content);
    }
    this.#compile(configuration, text);
    this.#configuration = configuration;
    const rewrite = await Listener.local(`${ground}/spool/private/rewrite`);
    this.#rewrite = this.#daemon('trivial-rewrite', 'rewrite', 'unix', [rewrite]);
    if (text.includes('proxy:')) {
      const proxymap = await Listener.local(`${ground}/spool/private/proxymap`);
      this.#proxymap = this.#daemon('proxymap', 'proxymap', 'unix', [proxymap]);
    }
    await this.#startSmtpd();
  }

  /** Plays one session to the configuration that was taken on. */
  async play(session: ScenarioSession, dns: ScenarioWorld): Promise<Played> {
    this.#names.world = worldOf(session, dns);
    const { exitCode, signalCode } = this.#smtpd?.process ?? {};
    if (exitCode !== null || signalCode !== null) await this.#startSmtpd();
    const replies: PlayedReply[] = [];
    this.#authenticated = false;
    let silent = false;
    const client = await SmtpClient.connect(session.client.address, port, patience);
    if (client !== undefined) {
      try {
        await this.#talk(client, session, replies);
      } catch (error) {
        if (!(error instanceof SilentServer)) throw error;
        silent = true;
      }
      client.close();
    }
    // A server that closes without a word has said why to its log, or is dead.
    const cut = client === undefined || client.ended;
    if (cut && replies.at(-1)?.code !== 421) await this.#dead();
    const fatal = this.#fatal || this.#crashed();
    if (silent || fatal) await this.#startSmtpd();
    return {
      replies,
      fatal,
      silent: silent || (this.#helpless && !fatal),
      authenticated: this.#authenticated,
      log: this.#log.take(),
    };
  }

  async #talk(client: SmtpClient, session: ScenarioSession, replies: PlayedReply[]): Promise<void> {
    const { helo, tls, sasl, mailFrom } = session;
    const certificate = this.#pool.clients.find(({ name }) => name === tls?.certificate?.name);
    const verb = session.protocol === 'SMTP' ? 'HELO' : 'EHLO';
    const note = (reply: PlayedReply | undefined): PlayedReply | undefined => {
      if (reply !== undefined) replies.push(reply);
      return reply;
    };
    const wrapper = lastValue(this.#configuration, 'smtpd_tls_wrappermode').toLowerCase() === 'yes';
    if (wrapper && tls === null) {
      note(await client.say('connect', 'EHLO x'));
      return;
    }
    if (wrapper && tls !== null) await client.secure(tls.protocol, certificate);
    note(await client.reply('connect'));
    if (helo !== undefined) note(await client.say('helo', `${verb} ${helo}`));
    if (tls !== null && !wrapper) {
      const started = note(await client.say('starttls', 'STARTTLS'));
      if (started?.code === 220) {
        await client.secure(tls.protocol, certificate);
        if (helo !== undefined) {
          const again = await client.say('helo', `${verb} ${helo}`);
          if (again?.code === 421 || again?.code === 521) replies.push(again);
        }
      }
    }
    if (sasl !== null) {
      const initial = sasl.method === 'ANONYMOUS' ? sasl.user : `\0${sasl.user}\0secret`;
      const admitted = await client.say('auth', `AUTH ${sasl.method} ${Buffer.from(initial).toString('base64')}`);
      this.#authenticated = admitted?.code === 235;
      // The end of the connection is the answer to whatever comes next.
      if (admitted?.code === 421) replies.push({ ...admitted, stage: mailFrom === undefined ? 'rcpt' : 'mail' });
    }
    if (mailFrom !== undefined) note(await client.say('mail', `MAIL FROM:<${mailFrom}>`));
    for (const recipient of session.rcptTo) note(await client.say('rcpt', `RCPT TO:<${recipient}>`));
    if (session.data) {
      const started = note(await client.say('data', 'DATA'));
      if (started?.code === 354) note(await client.say('end-of-data', 'Subject: a test\r\n\r\nA test.\r\n.'));
    }
    await client.say('quit', 'QUIT');
  }

  async stop(): Promise<void> {
    await this.#stop();
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

  async #stop(): Promise<void> {
    for (const daemon of [this.#smtpd, this.#rewrite, this.#proxymap])
      if (daemon !== undefined) await stopDaemon(daemon);
    this.#smtpd = undefined;
    this.#rewrite = undefined;
    this.#proxymap = undefined;
  }

  /** What postmap(1) makes of the sources; one that it refuses stays a table that is not there. */
  #compile(configuration: Configuration, text: string): void {
    const everything = [
      text,
      ...configuration.overrides.map(([, value]) => value),
      ...Object.values(configuration.tables),
    ].join('\n');
    const specs = new Set([...everything.matchAll(tableTypes)].map(([spec]) => spec));
    const present = [...specs].filter((spec) => configuration.tables[spec.slice(spec.indexOf(':') + 1)] !== undefined);
    if (present.length > 0)
      script(
        `postmap -c ${neutral}/etc ${present.map((spec) => `'${spec}'`).join(' ')} 2>/dev/null || true`,
        this.root,
      );
  }
}

/** Postfix waits for a file that was written in this very second, for it might not be done. */
function writeOld(path: string, text: string): void {
  writeFileSync(path, text);
  const then = new Date(Date.now() - 60_000);
  utimesSync(path, then, then);
}

/** The last value that a configuration gives a parameter. */
export function lastValue(configuration: Configuration | undefined, name: string): string {
  const all = [...(configuration?.parameters ?? []), ...(configuration?.overrides ?? [])];
  return all.findLast(([each]) => each === name)?.[1] ?? '';
}

const neutralMainCf = `
compatibility_level = 2
queue_directory = ${neutral}/spool
data_directory = ${neutral}/lib
myhostname = neutral.lab.test
inet_interfaces = loopback-only
mydestination =
alias_maps =
in_flow_delay = 0
max_idle = 100000s
max_use = 100000000
notify_classes =
maillog_file =
`;
