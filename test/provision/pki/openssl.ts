import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** What openssl printed; a failure is part of the result, for some tests expect one. */
export interface Printed {
  readonly status: number;
  readonly stdout: string;
  /** Standard output and standard error. */
  readonly text: string;
}

export function openssl(args: readonly string[], input?: string | Uint8Array): Printed {
  const { status, stdout, stderr } = spawnSync('openssl', args, { input, encoding: 'utf8' });
  return { status: status ?? -1, stdout, text: stdout + stderr };
}

/** The same for output that is no text. */
export function opensslBytes(args: readonly string[], input?: string | Uint8Array): Uint8Array {
  const { status, stdout, stderr } = spawnSync('openssl', args, { input });
  if (status !== 0) throw new Error(stderr.toString());
  return Uint8Array.from(stdout);
}

/** A folder of its own for one test file, removed afterwards; returns a function that writes a file into it. */
export function scratch(): (name: string, content: string | Uint8Array) => string {
  const folder = mkdtempSync(join(tmpdir(), 'certrelay-pki-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
}
