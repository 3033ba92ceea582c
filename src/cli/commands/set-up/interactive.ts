import { resolve } from 'node:path';
import { readText } from '../../../lib/files/read.ts';
import { presets } from '../../../policy/postfix/presets/presets.ts';
import { portWords } from '../../../provision/settings/service-port.ts';
import type { Inventory } from '../../../provision/settings/types.ts';
import type { Stored } from '../../../provision/state/store.ts';
import { noteText } from '../../../report/problem.ts';
import type { Io, Options } from '../../command.ts';
import type { WizardResult } from '../../wizard/context.ts';
import type { InitContext } from './answer-sources.ts';

/** Questions are for people: both ends of the conversation must be a terminal, and nobody said --yes. */
export function mayAsk(options: Options, io: Io): boolean {
  return io.stdin.isTTY && io.stderr.isTTY && options.yes !== true && options.json !== true;
}

/** Runs the wizard over the flags that were given; its answers come back as if they had been flags. */
export async function ask(options: Options, stored: Stored, given: InitContext, io: Io): Promise<WizardResult> {
  const { runWizard } = await import('../../wizard/run.ts');
  return runWizard(options, {
    io,
    presets: presets.map(({ name, version, tableType }) => ({ name, version, tableType })),
    configured: given.configured,
    ...(stored.inventory === undefined ? {} : { existing: stored.inventory }),
    ...(given.detected === undefined ? {} : { detectedPostfix: given.detected }),
    check(partial) {
      const answers = given.answer(partial, stored);
      if (answers.kind === 'complete') return [];
      return answers.problems.filter(({ code }) => code !== 'server-missing' && code !== 'client-missing');
    },
    readFile: async (path) => readText(resolve(io.cwd, path)),
    async summary(partial) {
      const answers = given.answer(partial, stored);
      if (answers.kind !== 'complete') return [];
      const notes = answers.notes.flatMap((note) => noteText(note).trimEnd().split('\n'));
      return [...summaryLines(answers.inventory, stored.root), ...notes];
    },
  });
}

/** What would be made, before anything is. */
function summaryLines({ authority, settings, servers, clients }: Inventory, root: string): readonly string[] {
  const named = (hosts: Inventory['servers']) =>
    hosts.length > 5 ? `${hosts.length} hosts` : hosts.map(({ name }) => name).join(', ');
  const protects = authority.constrain.length === 0 ? '' : `, for ${authority.constrain.join(', ')} only`;
  return [
    `authority     ${authority.name}, ${authority.keyType}, ${authority.days} days${protects}`,
    `servers       ${named(servers)}, Postfix ${settings.postfix}, ${portWords(settings)}`,
    `clients       ${named(clients)}, Postfix ${settings.clientPostfix}, level ${settings.clientLevel}`,
    `certificates  ${settings.keyType}, ${settings.days} days, listed by their ${settings.digest} ${settings.pin} fingerprint`,
    `others get    ${settings.unauthorized === 'defer' ? '454, their mail stays queued' : '554, their mail bounces'} (${settings.policy} list)`,
    `written to    ${root}`,
  ];
}
