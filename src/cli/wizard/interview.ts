import { CertrelayError } from '../../lib/problem.ts';
import { portWords } from '../../provision/settings/service-port.ts';
import type { Host, Inventory } from '../../provision/settings/types.ts';
import type { Options } from '../command.ts';
import type { Asker } from './asker.ts';
import type { WizardContext, WizardResult } from './context.ts';
import { isPut, type Known, type Question, type SelectQuestion } from './question.ts';
import { questions } from './questions.ts';
import { judgedChoices, refusalOf, standingProblems } from './refusal.ts';

/**
 * Puts the questions in order, shows what would be made, and asks for leave to make it.
 * Rejects with `usage` when a flag that was given is wrong, with `interrupted` on Ctrl-C, end of input or a final "no".
 */
export async function interview(given: Options, context: WizardContext, asker: Asker): Promise<WizardResult> {
  const wrong = standingProblems(given, context);
  if (wrong.length > 0) throw new CertrelayError('usage', ...wrong);

  asker.tell(...opening(context));
  let known: Known = {
    options: given,
    answers: {},
    configured: context.configured ?? [],
    existing: context.existing,
    presets: context.presets,
    detectedPostfix: context.detectedPostfix,
  };
  let passphrase = '';
  for (const question of questions) {
    if (!isPut(question, known)) continue;
    asker.explain(question.explain(known));
    if (question.kind === 'password') passphrase = await twice(question.message, asker);
    else known = await answered(question, known, context, asker);
  }

  asker.tell('', ...(await context.summary(known.options)));
  if (passphrase !== '') asker.tell("the authority's key is encrypted with the passphrase that you typed");
  asker.tell('');
  // A rehearsal writes nothing, so it needs no leave.
  if (given.dryRun !== true && !(await asker.confirm('write this', true))) {
    throw new CertrelayError('interrupted', { code: 'wizard-declined', message: 'not confirmed: nothing was written' });
  }
  return { options: known.options, ...(passphrase === '' ? {} : { passphrase }) };
}

function opening(context: WizardContext): readonly string[] {
  if (context.existing !== undefined) return existingLines(context.existing);
  return [
    'a few questions, then everything is made and verified; nothing is written before you confirm it, Ctrl-C leaves',
  ];
}

async function answered(
  question: Exclude<Question, { kind: 'password' }>,
  known: Known,
  context: WizardContext,
  asker: Asker,
): Promise<Known> {
  const after = (answer: string, options: Options): Known => ({
    ...known,
    options: { ...known.options, ...options },
    answers: { ...known.answers, [question.key]: answer },
  });
  switch (question.kind) {
    case 'confirm': {
      const yes = await asker.confirm(question.message, question.fallback(known));
      return after(yes ? 'yes' : 'no', question.options(yes, known));
    }
    case 'select': {
      const value = await asker.select(
        question.message,
        takeable(question, known, context),
        question.fallback?.(known),
      );
      return after(value, question.options(value, known));
    }
    case 'input': {
      const refuse = (text: string) => refusalOf(question, text, known, context);
      const text = await asker.input(question.message, question.fallback?.(known), refuse);
      return after(text, question.options(text, known));
    }
  }
}

/** The choices, at least one of which can be taken: otherwise flags that were given contradict each other. */
function takeable(question: SelectQuestion, known: Known, context: WizardContext) {
  const choices = judgedChoices(question, known, context);
  if (choices.some((choice) => choice.refused === undefined)) return choices;
  const message = choices[0]?.refused ?? `nothing to choose from for "${question.message}"`;
  throw new CertrelayError('usage', { code: 'wizard-no-choice', message });
}

/** A secret typed twice; both empty means none. A slip costs another round, never a key that nobody can open. */
async function twice(message: string, asker: Asker): Promise<string> {
  for (;;) {
    const first = await asker.password(message);
    if (first === '') return '';
    const second = await asker.password('the same again');
    if (first === second) return first;
    asker.tell('the two are not the same; once more from the start');
  }
}

/** What a second run finds, for the person to decide what to add. */
function existingLines(inventory: Inventory): readonly string[] {
  const { authority, servers, clients, settings } = inventory;
  return [
    'this folder holds a set-up already:',
    `  authority  ${authority.name}`,
    `  servers    ${listed(servers)}`,
    `  clients    ${listed(clients)}`,
    `  Postfix    ${settings.postfix} on the servers, ${settings.clientPostfix} on the clients`,
    `  digest     ${settings.digest}, ${portWords(settings)}`,
  ];
}

/** A fleet has thousands of names; the first few tell which set-up this is. */
function listed(hosts: readonly Host[], most = 5): string {
  if (hosts.length === 0) return 'none';
  const names = hosts.slice(0, most).map((host) => host.name);
  return [...names, ...(hosts.length > most ? [`and ${hosts.length - most} more`] : [])].join(', ');
}
