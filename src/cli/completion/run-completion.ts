import { resolve } from 'node:path';
import { readTextIfAny } from '../../lib/files/read.ts';
import { CertrelayError, usage } from '../../lib/problem.ts';
import { inventoryPath } from '../../provision/ledger/layout.ts';
import { readInventory } from '../../provision/state/inventory-file.ts';
import type { Command, Io, Options } from '../command.ts';
import { outOf } from '../state.ts';
import { bashCompletion } from './bash.ts';
import { fishCompletion } from './fish.ts';
import { grammarOf } from './grammar.ts';
import { zshCompletion } from './zsh.ts';

/** The shells that can be served, each with what makes its script. */
const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;
const largestInventory = 256 * 1_048_576;

/** Prints the script of a shell, or with `--names` the hosts of the set-up, a name a line. */
export function runCompletion(args: readonly string[], options: Options, io: Io, commands: readonly Command[]): number {
  const [shell] = args;
  if (options.names === true) {
    if (shell !== undefined) throw usage('names-alone', '--names prints names of hosts, not a script', 'leave one out');
    const names = hostNames(options, io);
    io.stdout.write(options.json === true ? document({ names }) : names.map((name) => `${name}\n`).join(''));
    return 0;
  }
  const script = Object.entries(scripts).find(([name]) => name === shell)?.[1];
  if (script === undefined || shell === undefined) {
    const known = Object.keys(scripts).join(', ');
    throw shell === undefined
      ? usage('no-shell', 'which shell?', `one of ${known}`)
      : usage('unknown-shell', `no completion for "${shell}"`, `there is one for ${known}`);
  }
  const text = script(grammarOf(commands));
  io.stdout.write(options.json === true ? document({ shell, script: text }) : text);
  return 0;
}

const document = (fields: object) => `${JSON.stringify({ schema: 'certrelay/completion@1', ...fields })}\n`;

/** Servers, then clients. The inventory alone is read: a shell waits for the answer at every key. */
function hostNames(options: Options, io: Io): readonly string[] {
  const out = outOf(options);
  const file = resolve(io.cwd, out, inventoryPath);
  const text = readTextIfAny(file, largestInventory);
  if (text === undefined) throw usage('no-set-up', `there is no set-up in "${out}"`, 'name its folder with --out');
  const inventory = readInventory(text, file);
  if (!('servers' in inventory)) throw new CertrelayError('usage', ...inventory);
  return [...inventory.servers, ...inventory.clients].map(({ name }) => name);
}
