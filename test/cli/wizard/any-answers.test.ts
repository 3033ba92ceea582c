import { fc, it as property } from '@fast-check/vitest';
import { Command, Option } from 'commander';
import { describe, expect } from 'vitest';
import type { Options } from '../../../src/cli/command.ts';
import type { Asker } from '../../../src/cli/wizard/asker.ts';
import { equivalentCommand } from '../../../src/cli/wizard/equivalent-command.ts';
import { interview } from '../../../src/cli/wizard/interview.ts';
import { readAnswers } from '../../../src/provision/settings/answers.ts';
import { setUpOptions } from '../../../src/provision/settings/set-up-options.ts';
import type { Inventory } from '../../../src/provision/settings/types.ts';
import { contextOf, inventoryOf, presets, read } from './scripted.ts';

/** What people type, right and wrong; whichever is refused, the next is tried. */
const texts = [
  '',
  'mail.example.com',
  'a.example.com b.example.com, c.example.com',
  'a.example.com a.example.com',
  'Größe.example.com',
  'under_score.example.com',
  '@clients.txt',
  '@missing',
  'issuer.pem',
  '2.9',
  '2.10.1',
  '3.11',
  '25',
  '465',
  '587',
  '0',
  '1e9',
  '30',
  '10.0.0.0/8, [::1]/128',
  'hash',
  'lmdb',
  '/etc/postfix/relay',
  'relative/folder',
  'example.com',
  '$(id)',
  '--yes',
];

/** A person without a plan: every reply is drawn by `pick`. */
function whim(pick: (count: number) => number): Asker {
  return {
    tell: () => undefined,
    explain: () => undefined,
    async input(message, fallback, refuse) {
      const start = pick(texts.length + 1);
      const tries = [...texts.slice(start), ...texts.slice(0, start), fallback ?? ''];
      for (const text of start === texts.length ? [fallback ?? '', ...tries] : tries) {
        if ((await refuse(text)) === undefined) return text;
      }
      throw new Error(`nothing will do for "${message}"`);
    },
    async select(message, choices) {
      const open = choices.filter(({ refused }) => refused === undefined);
      const taken = open[pick(open.length)];
      if (taken === undefined) throw new Error(`nothing to take for "${message}"`);
      return taken.value;
    },
    // The last question is whether to write at all.
    confirm: async (message) => message === 'write this' || pick(2) === 1,
    password: async () => '',
  };
}

const picks = fc.array(fc.nat({ max: 1_000_000 }), { minLength: 60, maxLength: 60 }).map((numbers) => {
  let next = 0;
  return (count: number) => (numbers[next++ % numbers.length] ?? 0) % count;
});

/** The inventory that options lead to; throws with what is wrong. */
function wanted(options: Options, existing?: Inventory): Inventory {
  const answers = readAnswers({ flags: options, existing, presets, read });
  if (answers.kind !== 'complete') throw new Error(JSON.stringify(answers.problems));
  return answers.inventory;
}

/** The options of a command line in which nothing needs sh; where quotes stand, they are single ones. */
function parsed(line: string): Options {
  const words = [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''));
  const parser = new Command().exitOverride().option('--yes');
  for (const row of setUpOptions) parser.addOption(new Option(row.flags));
  return parser.parse(words.slice(2), { from: 'user' }).opts();
}

describe('whatever is answered', () => {
  property.prop([picks], { numRuns: 150 })('flags would accept it, and mean the same', async (pick) => {
    const { options } = await interview({}, contextOf(), whim(pick));
    const inventory = wanted(options);
    expect(wanted(parsed(equivalentCommand(options)))).toEqual(inventory);
  });

  const existing = inventoryOf({
    ...{ server: ['mail.example.com'], client: ['web1.example.com'], os: 'rhel9', clientOs: 'debian12' },
    ...{ digest: 'sha512', relayPort: '587', days: '90', policy: 'recipient', constrain: ['example.com'] },
  });
  property.prop([picks], { numRuns: 150 })('an existing set-up can be extended by it', async (pick) => {
    const { options } = await interview({}, contextOf({ existing }), whim(pick));
    const inventory = wanted(options, existing);
    expect(inventory.servers.slice(0, 1)).toEqual(existing.servers);
    expect(inventory.clients.slice(0, 1)).toEqual(existing.clients);
    expect(inventory.authority).toEqual(existing.authority);
    const line = equivalentCommand(options, { existing: true });
    expect(wanted(parsed(line), existing)).toEqual(inventory);
    // And once more on what it made, as a provisioning script does.
    expect(wanted(parsed(line), inventory)).toEqual(inventory);
  });
});
