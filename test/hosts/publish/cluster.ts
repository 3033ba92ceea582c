import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What of this machine a cluster needs. */
export const clusterNeeds = ['postgresql', 'openssl', 'setpriv'] as const;

/** Runs a program to be ended by its handle; a machine of the lab has one that runs it there. */
type Spawn = (program: string, ...args: readonly string[]) => ChildProcess;

export interface Place {
  readonly spawn: Spawn;
  /** The name by which the database is known, and its addresses. */
  readonly name: string;
  readonly listen: string;
  readonly port: number;
  /** Ends a process of the place at once, where numbers are others than here. */
  readonly kill?: (pid: number) => Promise<unknown>;
}

export const passwords = { certrelay_reader: 'it is read: 100% "quoted"', certrelay_writer: "wr'ite:\\r" } as const;

/**
 * A PostgreSQL of a test's own, in a folder of its own: TLS with an issuer of its own, passwords on every address, and a socket
 * for its owner.
 */
export class Cluster {
  readonly folder: string;
  readonly port: number;
  readonly name: string;
  readonly #place: Place;
  readonly #settings: Readonly<Record<string, string>>;
  #server: ChildProcess | undefined;

  private constructor(folder: string, place: Place, settings: Readonly<Record<string, string>>) {
    this.#settings = settings;
    this.folder = folder;
    this.port = place.port;
    this.name = place.name;
    this.#place = place;
  }

  /** On this machine, at a free port; or where a place says; with settings of postgresql.conf that differ from the usual ones. */
  static async start(place?: Place, settings: Readonly<Record<string, string>> = {}): Promise<Cluster> {
    const own = place ?? { spawn: (program, ...args) => spawn(program, args), ...here, port: await freePort() };
    const folder = mkdtempSync(join(tmpdir(), 'certrelay-database-'));
    const cluster = new Cluster(folder, own, settings);
    try {
      cluster.#make();
      await cluster.up();
      cluster.sql('postgres', 'CREATE DATABASE certrelay');
    } catch (error) {
      await cluster.remove();
      throw error;
    }
    return cluster;
  }

  /** PEM of the issuer of its certificate, in a file. */
  get issuer(): string {
    return join(this.folder, 'issuer.pem');
  }

  /** The options of `init` with which servers ask this database. */
  get options(): readonly string[] {
    return ['--table-type', 'pgsql', '--database', this.url('certrelay_reader'), '--database-ca', this.issuer];
  }

  url(user: string, parameters = ''): string {
    return `postgresql://${user}@${this.name}:${this.port}/certrelay${parameters}`;
  }

  /** A file that says where it is, for `--database-file`: with the password of a role. */
  urlFile(role: keyof typeof passwords): string {
    const file = join(this.folder, `${role}.url`);
    const login = `${role}:${encodeURIComponent(passwords[role])}`;
    writeFileSync(file, `postgresql://${login}@${this.name}:${this.port}/certrelay\n`, { mode: 0o600 });
    return file;
  }

  /** A file in libpq's own format. */
  passwordFile(role: keyof typeof passwords, file: string): string {
    const escaped = passwords[role].replaceAll('\\', '\\\\').replaceAll(':', '\\:');
    writeFileSync(file, `*:*:*:*:${escaped}\n`, { mode: 0o600 });
    return file;
  }

  /** Runs SQL as the superuser; answers its rows, columns separated by `|`. An error shows what the server said. */
  sql(database: string, text: string): string {
    const ran = this.psql(['-d', database], text);
    if (ran.status !== 0) throw new Error(`psql ended with ${ran.status}\n${ran.stderr}`);
    return ran.stdout.trimEnd();
  }

  psql(args: readonly string[], input = '') {
    const argv = [
      '-X',
      '-q',
      '-A',
      '-t',
      '-v',
      'ON_ERROR_STOP=1',
      '-U',
      'postgres',
      '-h',
      this.folder,
      '-p',
      String(this.port),
    ];
    return spawnSync(program('psql'), [...argv, ...args], { input, encoding: 'utf8' });
  }

  /** The migrations of an output folder, and passwords for the roles. */
  migrate(out: string): void {
    const folder = join(out, 'database');
    for (const name of readdirSync(folder).sort()) {
      const ran = this.psql(['-d', 'certrelay', '--single-transaction', '--file', join(folder, name)]);
      if (ran.status !== 0) throw new Error(`${name}: ${ran.stderr}`);
    }
    for (const [role, password] of Object.entries(passwords)) {
      this.sql('certrelay', `ALTER ROLE ${role} PASSWORD '${password.replaceAll("'", "''")}'`);
    }
  }

  async up(): Promise<void> {
    const argv = ['-D', join(this.folder, 'data'), '-k', this.folder, '-p', String(this.port)];
    const options = {
      ...{ listen_addresses: this.#place.listen, ssl: 'on', ssl_cert_file: 'server.pem', ssl_key_file: 'server.key' },
      // Nothing here outlives a crash of the machine.
      ...{ fsync: 'off', max_connections: '60', shared_buffers: '16MB', autovacuum: 'off' },
      ...this.#settings,
    };
    const [first = '', ...rest] = asPostgres(program('postgres'), ...argv, ...Object.entries(options).flatMap(setting));
    const server = this.#place.spawn(first, ...rest);
    this.#server = server;
    let said = '';
    server.stderr?.on('data', (text: Buffer) => {
      said += text.toString();
    });
    for (let tries = 0; tries < 300; tries++) {
      if (server.exitCode !== null) throw new Error(`PostgreSQL did not start\n${said}`);
      if (this.psql(['-d', 'postgres', '-c', 'SELECT 1']).status === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`PostgreSQL does not answer\n${said}`);
  }

  /** Ends it at once, as a crash does. */
  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined || server.exitCode !== null) return;
    const gone = once(server, 'exit');
    const pid = Number(readFileSync(join(this.folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
    await (this.#place.kill ?? ((own) => Promise.resolve(process.kill(own, 'SIGQUIT'))))(pid);
    await gone;
  }

  async remove(): Promise<void> {
    await this.down();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #make(): void {
    const { folder } = this;
    const data = join(folder, 'data');
    mkdirSync(data, { mode: 0o700 });
    const owner = ownerIds();
    // Others only pass through, for the socket and for the issuer.
    chmodSync(folder, 0o711);
    if (owner !== undefined) for (const path of [folder, data]) chownSync(path, owner.uid, owner.gid);
    must(
      ...asPostgres(program('initdb'), '-D', data, ...'-U postgres -A trust --no-sync -E UTF8 --locale C'.split(' ')),
    );
    writeFileSync(join(data, 'pg_hba.conf'), rules);
    this.#certify(data);
    for (const name of ['server.key', 'server.pem', 'pg_hba.conf']) {
      if (owner !== undefined) chownSync(join(data, name), owner.uid, owner.gid);
    }
  }

  #certify(data: string): void {
    const { folder, name } = this;
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'];
    const [issuerKey, request] = [join(folder, 'issuer.key'), join(folder, 'server.csr')];
    must('openssl', 'req', '-x509', ...key, '-subj', '/CN=issuer', '-keyout', issuerKey, '-out', this.issuer);
    must('openssl', 'req', ...key, '-subj', `/CN=${name}`, '-keyout', join(data, 'server.key'), '-out', request);
    const names = join(folder, 'names');
    writeFileSync(names, `subjectAltName=DNS:${name}${name === here.name ? ',IP:127.0.0.1' : ''}\n`);
    const signed = ['-CA', this.issuer, '-CAkey', issuerKey, '-CAcreateserial', '-days', '30', '-extfile', names];
    must('openssl', 'x509', '-req', '-in', request, ...signed, '-out', join(data, 'server.pem'));
    chmodSync(join(data, 'server.key'), 0o600);
    chmodSync(this.issuer, 0o644);
  }
}

const here = { name: 'localhost', listen: '127.0.0.1' } as const;
const rules = `local all postgres trust\nlocal all all reject\nhostssl all all all scram-sha-256\n`;
const setting = ([name, value]: readonly [string, string]) => ['-c', `${name}=${value}`];

/** The programs of the newest PostgreSQL that Debian has put there; psql and the like are in PATH elsewhere. */
function program(name: string): string {
  const root = '/usr/lib/postgresql';
  const [newest] = readdirSync(root).sort((one, other) => Number(other) - Number(one));
  return join(root, newest ?? '', 'bin', name);
}

/** PostgreSQL does not run as root. */
function asPostgres(...argv: readonly string[]): [string, ...string[]] {
  if (process.getuid?.() !== 0) return argv as [string, ...string[]];
  return ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', ...argv];
}

function ownerIds(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}

function must(...[first, ...rest]: readonly [string, ...string[]]): void {
  const ran = spawnSync(first, rest, { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`"${first}" ended with ${ran.status}\n${ran.stdout}${ran.stderr}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
