import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a program of the installed Postfix said. */
export interface Said {
  readonly out: string;
  /** Lines of standard error without the program's name, each once. */
  readonly err: readonly string[];
  readonly code: number | null;
}

const path = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;

/** How many programs that may end with a fatal error are started at a time: each waits a second before it goes. */
export const together = 12;

/** A folder with a main.cf and tables of its own, for the installed postconf and postmap. */
export class RealPostfix {
  readonly folder = mkdtempSync(join(tmpdir(), 'certrelay-postfix-'));

  constructor() {
    this.write('main.cf', '');
    this.write('master.cf', '');
  }

  write(name: string, text: string): string {
    const file = join(this.folder, name);
    writeFileSync(file, text);
    // Postfix reads a file that changed within the last second again and again, to be sure that it is complete.
    utimesSync(file, 1e9, 1e9);
    return file;
  }

  postconf(...args: readonly string[]): Said {
    return this.run('postconf', ['-c', this.folder, ...args], '');
  }

  postmap(...args: readonly string[]): Said {
    return this.run('postmap', ['-c', this.folder, ...args], '');
  }

  /** The table's answers to many keys at once. */
  lookups(spec: string, keys: readonly string[]): ReadonlyMap<string, string> {
    const { out } = this.run('postmap', ['-c', this.folder, '-q', '-', spec], `${keys.join('\n')}\n`);
    const found = new Map<string, string>();
    for (const line of out.split('\n')) {
      const tab = line.indexOf('\t');
      if (tab >= 0) found.set(line.slice(0, tab), line.slice(tab + 1));
    }
    return found;
  }

  /** Either program, beside others that wait. */
  async starting(program: 'postconf' | 'postmap', ...args: readonly string[]): Promise<Said> {
    const child = spawn(program, ['-c', this.folder, ...args], {
      ...{ env: { ...process.env, PATH: path }, cwd: this.folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said.out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said.err += text;
    });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { out: said.out, err: complaints(said.err), code };
  }

  private run(program: string, args: readonly string[], input: string): Said {
    const result = spawnSync(program, args, {
      input,
      encoding: 'utf8',
      env: { ...process.env, PATH: path },
      maxBuffer: 1 << 28,
      cwd: this.folder,
    });
    return { out: result.stdout, err: complaints(result.stderr), code: result.status };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function complaints(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return [...new Set(lines.map((line) => line.replace(/^post(conf|map): /, '')))];
}

/** The release that is installed, as postconf names it; the tests compare with that release's rules. */
export function installedVersion(): string {
  const result = spawnSync('postconf', ['-d', '-h', 'mail_version'], {
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
  });
  return result.stdout.trim();
}
