import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { copyPackage } from '../../setup/package-copy.ts';
import { PseudoTerminal, type Size } from './pseudo-terminal.ts';

/** The program under test, as a line for sh. */
export const cli = () => `node '${join(program, 'dist/cli.js')}' init`;

/** A question, the text that is typed, and the keys that are pressed before enter. */
export type Step = readonly [question: string, text: string, ...keys: string[]];

/** Every question of the short set, in order, with a reply to each; the last one gives leave to write. */
export const shortSet: readonly Step[] = [
  ['server host names', 'mail.example.com'],
  ['client host names', 'web1.example.com, web2.example.com'],
  ["the server's operating system", 'debian12'],
  ["the clients' operating system", ''],
  ['fingerprint digest', ''],
  ["passphrase of the authority's key", ''],
  ['use the defaults for the rest', ''],
  ['write this', ''],
];

let program = '';
let folder = '';
const open: PseudoTerminal[] = [];

/** Gives every test of the calling file an empty folder, and closes its terminals after it. */
export function useTerminals(): void {
  // A copy, as installed without anything else: another run of the tests in this tree may build dist/ anew meanwhile.
  beforeAll(() => {
    program = mkdtempSync(join(tmpdir(), 'certrelay-program-'));
    copyPackage(program);
  });
  afterAll(() => {
    rmSync(program, { recursive: true, force: true });
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'certrelay-wizard-'));
  });
  afterEach(() => {
    for (const terminal of open.splice(0)) terminal.close();
    rmSync(folder, { recursive: true, force: true });
  });
}

/** Closes the terminal now, in the middle of a test. */
export function takeAway(terminal: PseudoTerminal): void {
  open.splice(open.indexOf(terminal), 1);
  terminal.close();
}

/** A path in the folder of this test. */
export const inFolder = (name: string) => join(folder, name);

/** Where `init` writes. */
export const out = () => inFolder('out');

/** `init` on a terminal, in an empty folder, with further words of the command line. */
export function init(words = '', size: Partial<Size> = {}, before = ''): PseudoTerminal {
  const terminal = new PseudoTerminal(`cd '${folder}'\n${before} ${cli()} --out '${out()}' ${words}`, size);
  open.push(terminal);
  return terminal;
}

/** Answers one question after the other, each when it is shown. */
export async function reply(terminal: PseudoTerminal, steps: readonly Step[]): Promise<void> {
  for (const [question, text, ...keys] of steps) await terminal.answer(question, text, ...keys);
}

/** Path, content and time of every file that was made. */
export function made(): Record<string, string> {
  if (!existsSync(out())) return {};
  const paths = readdirSync(out(), { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(out(), path)).isFile(),
  );
  return Object.fromEntries(
    paths
      .sort()
      .map((path) => [path, `${statSync(join(out(), path)).mtimeMs} ${readFileSync(join(out(), path), 'base64')}`]),
  );
}

/** The program left as an interruption does: status, terminal and cursor in order, no stack, and nothing written. */
export async function interrupted(terminal: PseudoTerminal): Promise<void> {
  const ending = await terminal.ending();
  expect(ending, terminal.text()).toEqual({ status: 130, cooked: true, cursorShown: true });
  expect(terminal.text()).not.toMatch(/^\s+at |Error\b|node:/m);
  expect(existsSync(out())).toBe(false);
}
