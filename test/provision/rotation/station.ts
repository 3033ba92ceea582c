import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { currentCertificate } from '../../../src/provision/ledger/ledger-state.ts';
import { loadState } from '../../../src/provision/state/store.ts';
import { inProcess } from '../../setup/in-process.ts';

export interface Result {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** A folder with a set-up and a clock of its own, in which commands run as `certrelay` would run them. */
export class Station {
  readonly folder = mkdtempSync(join(tmpdir(), 'certrelay-rotation-'));
  readonly root = join(this.folder, 'out');
  private now: number;

  constructor(start = '2026-03-01T12:00:00.500Z') {
    this.now = Date.parse(start);
  }

  pass(seconds: number): void {
    this.now += seconds * 1000;
  }

  get time(): Date {
    return new Date(this.now);
  }

  async run(...argv: readonly string[]): Promise<Result> {
    const around = { cwd: this.folder, now: () => this.time, env: { PATH: process.env.PATH } };
    const { status, stdout, stderr } = await inProcess(argv, around);
    return { exit: status, out: stdout, err: stderr };
  }

  /** The same, for those that must succeed; the JSON document that was printed. */
  // biome-ignore lint/suspicious/noExplicitAny: a document of any command
  async document(...argv: readonly string[]): Promise<any> {
    const { exit, out, err } = await this.run(...argv, '--json');
    if (exit !== 0) throw new Error(`exit ${exit} of ${argv.join(' ')}\n${out}${err}`);
    return JSON.parse(out);
  }

  path(...parts: readonly string[]): string {
    return join(this.root, ...parts);
  }

  read(...parts: readonly string[]): string {
    return readFileSync(this.path(...parts), 'utf8');
  }

  exists(...parts: readonly string[]): boolean {
    return existsSync(this.path(...parts));
  }

  list(...parts: readonly string[]): readonly string[] {
    return this.exists(...parts) ? readdirSync(this.path(...parts)).sort() : [];
  }

  mode(...parts: readonly string[]): string {
    return (statSync(this.path(...parts)).mode & 0o7777).toString(8);
  }

  state() {
    return loadState(this.root);
  }

  /** The serial number of what a host has in its folder. */
  serial(holder: string, role: 'server' | 'client' = 'client'): string {
    return currentCertificate(this.state().state, holder, role)?.serial ?? '';
  }

  /** Serial numbers in the comments of a server's map, and the fingerprints of its lines. */
  map(server: string): { readonly serials: readonly string[]; readonly fingerprints: readonly string[] } {
    const text = this.read('hosts', server, 'relay_clientcerts');
    return {
      serials: [...new Set([...text.matchAll(/serial ([0-9a-f]+),/g)].map((match) => match[1] ?? ''))],
      fingerprints: [...text.matchAll(/^([0-9A-F:]{20,}) /gm)].map((match) => match[1] ?? ''),
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const server = 's.example.com';
export const client = 'c.example.com';
export const other = 'd.example.com';
export const day = 86_400;

/** A set-up with one server and two clients. */
export async function setUp(...options: readonly string[]): Promise<Station> {
  const station = new Station();
  const flags = ['--server', server, '--client', client, other, '--postfix', '3.7', '--yes'];
  const { exit, out, err } = await station.run('init', ...flags, ...options);
  if (exit !== 0) throw new Error(out + err);
  return station;
}
