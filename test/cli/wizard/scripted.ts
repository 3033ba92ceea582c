import type { Options } from '../../../src/cli/command.ts';
import type { Asker } from '../../../src/cli/wizard/asker.ts';
import type { WizardContext } from '../../../src/cli/wizard/context.ts';
import { interview } from '../../../src/cli/wizard/interview.ts';
import { usage } from '../../../src/lib/problem.ts';
import { readAnswers } from '../../../src/provision/settings/answers.ts';
import type { Inventory } from '../../../src/provision/settings/types.ts';

export const presets = [
  { name: 'centos7', version: '2.10.1', tableType: 'hash' },
  { name: 'rhel9', version: '3.5.9', tableType: 'hash' },
  { name: 'debian12', version: '3.7.11', tableType: 'hash' },
];

const files: Readonly<Record<string, string>> = {
  'clients.txt': 'web1.example.com\nweb2.example.com\n',
  'issuer.pem': '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
};

export function read(path: string): string {
  const text = files[path];
  if (text === undefined) throw usage('no-such-file', `"${path}" does not exist`);
  return text;
}

/** A context that judges by the very rules of the flags. */
export function contextOf(more: Partial<WizardContext> = {}): WizardContext {
  return {
    io: { stderr: { write: () => undefined, isTTY: true, columns: 80 }, env: {} },
    presets,
    check(options) {
      const answers = readAnswers({
        flags: options,
        existing: more.existing,
        presets,
        detected: more.detectedPostfix,
        read,
      });
      return answers.kind === 'refused' ? answers.problems : [];
    },
    readFile: async (path) => read(path),
    summary: async (options) => [`would make ${JSON.stringify(options)}`],
    ...more,
  };
}

/** The inventory that flags alone lead to. */
export function inventoryOf(flags: Options): Inventory {
  const answers = readAnswers({ flags, presets, read });
  if (answers.kind !== 'complete') throw new Error(JSON.stringify(answers.problems));
  return answers.inventory;
}

type Reply = string | boolean;

/** A person who answers by heart: replies by the message of the question, several when the first are refused. */
export class ScriptedAsker implements Asker {
  readonly asked: string[] = [];
  readonly told: string[] = [];
  readonly refusals: string[] = [];
  private readonly replies: Map<string, Reply[]>;

  constructor(replies: Readonly<Record<string, Reply | readonly Reply[]>>) {
    this.replies = new Map(
      Object.entries(replies).map(([message, reply]) => [
        message,
        Array.isArray(reply) ? [...reply] : [reply as Reply],
      ]),
    );
  }

  tell(...lines: readonly string[]): void {
    this.told.push(...lines);
  }

  explain(text: string): void {
    this.told.push(text);
  }

  /** The reply that was prepared, else what enter alone would give. */
  private next(message: string, byEnter: Reply | undefined): Reply {
    this.asked.push(message);
    const reply = this.replies.get(message)?.shift() ?? byEnter;
    if (reply === undefined) throw new Error(`no reply to "${message}"`);
    return reply;
  }

  async input(message: string, fallback: string | undefined, refuse: (text: string) => Promise<string | undefined>) {
    for (;;) {
      const text = String(this.next(message, fallback ?? ''));
      const refusal = await refuse(text);
      if (refusal === undefined) return text;
      this.refusals.push(refusal);
      if ((this.replies.get(message) ?? []).length === 0) throw new Error(`"${message}" refused: ${refusal}`);
    }
  }

  async select(
    message: string,
    choices: Parameters<Asker['select']>[1],
    fallback: string | undefined,
  ): Promise<string> {
    const first = choices.find(({ refused }) => refused === undefined)?.value;
    const value = String(this.next(message, fallback ?? first));
    const choice = choices.find((one) => one.value === value);
    if (choice === undefined) throw new Error(`"${message}" offers no "${value}"`);
    if (choice.refused === undefined) return value;
    this.refusals.push(choice.refused);
    return this.select(message, choices, undefined);
  }

  async confirm(message: string, fallback: boolean) {
    return this.next(message, fallback) === true;
  }

  async password(message: string) {
    return String(this.next(message, ''));
  }
}

type Replies = ConstructorParameters<typeof ScriptedAsker>[0];

/** The whole conversation with such a person. */
export async function hold(replies: Replies, given: Options = {}, more: Partial<WizardContext> = {}) {
  const asker = new ScriptedAsker(replies);
  const result = await interview(given, contextOf(more), asker);
  return { asker, ...result };
}
