import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withKeys } from '../fixtures/state-0.1.0/keys.js';

const fixtures = fileURLToPath(new URL('../fixtures/state-0.1.0', import.meta.url));

/** Output directories as certrelay 0.1.0 wrote them; test/fixtures/state-0.1.0/make.js says how each was made. */
export const oldStates = ['plain', 'rotating', 'revoked', 'pinned', 'dedicated', 'imported', 'database'] as const;
export type OldState = (typeof oldStates)[number];

/** A day after the last of them was made. */
export const dayAfter = '2025-01-02T10:00:00Z';

/** The text of a file of such a directory, e.g. `ledger.jsonl`, keys included. */
export function oldFile(state: OldState, path: string): string {
  const [own, plain] = [join(fixtures, state, path), join(fixtures, 'plain', path)];
  return withKeys(readFileSync(existsSync(own) ? own : plain, 'utf8'));
}

/** Writes such a directory, with the modes that 0.1.0 gave its files. */
export function layOut(state: OldState, out: string): void {
  const lines = readFileSync(join(fixtures, state, 'files.txt'), 'utf8')
    .trimEnd()
    .split('\n');
  for (const line of lines) {
    const [mode = '', path = ''] = line.split(' ');
    mkdirSync(dirname(join(out, path)), { recursive: true });
    writeFileSync(join(out, path), oldFile(state, path));
    chmodSync(join(out, path), Number.parseInt(mode, 8));
  }
}
