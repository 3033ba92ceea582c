import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Problem } from '../../../../src/lib/problem.ts';
import { inProcess } from '../../../setup/in-process.ts';

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
    const { status, ...said } = await inProcess(argv, {
      ...{ cwd: this.folder, now: () => this.now, columns: 200 },
      random: (bytes) => {
        this.serial++;
        return Uint8Array.from({ length: bytes }, (_, index) => (this.serial * 31 + index * 7 + 1) % 256);
      },
    });
    return { code: status, ...said };
  }

  /** The same, as the JSON document that it prints. */
  async json(...argv: readonly string[]) {
    const ran = await this.run(...argv, '--json');
    return { code: ran.code, document: JSON.parse(ran.stdout) };
  }
}
