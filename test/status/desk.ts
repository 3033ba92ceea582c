import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Io } from '../../src/commands/command.ts';
import { commands } from '../../src/commands/index.ts';
import { parseCommandLine } from '../../src/commands/program.ts';
import { CertrelayError, exitCodes, type Problem } from '../../src/lib/problem.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly problems: readonly Problem[];
}

/** A folder of its own in which commands run as on a command line, at a time that a test can move. */
export class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), 'certrelay-desk-'));
  now: Date;
  private serial = 0;

  constructor(now = new Date('2026-05-01T10:00:00Z')) {
    this.now = now;
    afterAll(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Days pass. */
  pass(days: number): void {
    this.now = new Date(this.now.getTime() + days * 86_400_000);
  }

  async run(...argv: readonly string[]): Promise<Ran> {
    const printed = { stdout: '', stderr: '' };
    const into = (name: 'stdout' | 'stderr') => ({
      isTTY: false,
      columns: 200,
      write(text: string) {
        printed[name] += text;
      },
    });
    const io: Io = {
      stdout: into('stdout'),
      stderr: into('stderr'),
      stdin: { isTTY: false, text: async () => '', lines: async function* () {} },
      env: {},
      cwd: this.folder,
      now: () => this.now,
      random: (bytes) => {
        this.serial++;
        return Uint8Array.from({ length: bytes }, (_, index) => (this.serial * 31 + index * 7 + 1) % 256);
      },
    };
    try {
      const invocation = parseCommandLine(argv, commands, io);
      if (typeof invocation !== 'object') throw new Error(`nothing to run: ${argv.join(' ')}`);
      const code = await invocation.command.run(invocation.args, invocation.options, io);
      return { code, ...printed, problems: [] };
    } catch (error) {
      if (!(error instanceof CertrelayError)) throw error;
      return { code: exitCodes[error.exit][0], ...printed, problems: error.problems };
    }
  }

  /** The same, as the JSON document that it prints. */
  async json(...argv: readonly string[]) {
    const ran = await this.run(...argv, '--json');
    return { code: ran.code, document: JSON.parse(ran.stdout) };
  }
}
